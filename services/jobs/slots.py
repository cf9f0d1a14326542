"""How many jobs of this worker may be at their pixels at once, and what of them is still under way when it stops.

The engine hands the worker one job more than that: while one result is stored and settled, the next job's pixels
are already being worked on.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Slots:
    """Counts starts. After `close` nobody gets in any more; those inside may finish."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._inside = 0
        self._closed = False
        self._changed = threading.Condition()

    @contextmanager
    def job(self) -> Iterator["Slot"]:
        """Wait for a free slot and be inside until the end of the block. Once closed, waits for ever: the process is
        about to end, and the job with it goes to another worker."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 and not self._closed)
            self._free -= 1
            self._inside += 1
        slot = Slot(self)
        try:
            yield slot
        finally:
            slot.pixels_done()
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True

    def wait_until_empty(self, timeout: float) -> bool:
        """Wait until every job inside has ended; False if some have not after `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._inside == 0, timeout)

    @property
    def inside(self) -> int:
        return self._inside

    def _take(self) -> None:
        """For one inside already: also while closed, so that it can finish."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0)
            self._free -= 1

    def _give_back(self) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify_all()


class Slot:
    """One job's place."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._held = True

    def pixels_done(self) -> None:
        """Let the next job at its pixels, while this one is stored and settled."""
        if self._held:
            self._held = False
            self._slots._give_back()

    @contextmanager
    def set_down(self) -> Iterator[None]:
        """Let another job at its pixels for the length of the block, in which this one waits for somebody else."""
        if not self._held:
            yield
            return
        self.pixels_done()
        try:
            yield
        finally:
            self._slots._take()
            self._held = True
