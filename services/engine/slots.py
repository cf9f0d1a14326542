"""How many tasks of this worker may do heavy work at once, and how many are under way when it stops.

A queue may hand the worker more tasks than that: while one stores its result, the next already works.
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
    def enter(self) -> Iterator["Slot"]:
        """Wait for a free slot and be inside until the end of the block. Once closed, waits for ever: the process is
        about to end, and the task goes to another worker."""
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 and not self._closed)
            self._free -= 1
            self._inside += 1
        slot = Slot(self)
        try:
            yield slot
        finally:
            slot.release()
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True

    def wait_until_empty(self, timeout: float) -> bool:
        """Wait until every task inside has ended; False if some have not after `timeout` seconds."""
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
    """One task's place."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._held = True

    def release(self) -> None:
        """Let the next task do its heavy work, while this one finishes."""
        if self._held:
            self._held = False
            self._slots._give_back()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let another task do its heavy work during the block, in which this one waits for somebody else."""
        if not self._held:
            yield
            return
        self.release()
        try:
            yield
        finally:
            self._slots._take()
            self._held = True
