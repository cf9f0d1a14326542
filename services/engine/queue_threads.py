"""The threads that take work from the queues: DBOS's own loop, which sleeps until it is woken.

DBOS polls each queue, and for an answer in a moment it would have to poll so often that an idle worker is never idle.
Its loop pauses by waiting for its stop event, so it is given one that a wake-up interrupts. What this rests on is
checked by tests/services/engine/test_dbos.py: look there before you take another version of DBOS.
"""

import threading
from collections.abc import Callable, Sequence

from dbos import DBOS
from dbos._queue import queue_worker_thread

from config import settings

_POLL_BUSY_SECONDS = 0.25
_LOOK_AGAIN_SECONDS = 0.02


class Pause(threading.Event):
    """DBOS's loop waits for this between two looks at its queue. Being set means to end; being woken, to look now.

    `poll_seconds` is the net under the wake-ups: work whose wake-up was lost waits no longer than this. A worker that
    is `busy` with the queue's tasks looks more often, since one worker may leave the rest of a backlog to another.
    """

    def __init__(self, poll_seconds: float, busy: Callable[[], bool]) -> None:
        super().__init__()
        self._poll_seconds, self._busy = poll_seconds, busy
        self._changed = threading.Event()
        self._at_once = self._again = False
        self.wake()  # work may wait already

    def wake(self) -> None:
        """Look at the queue now, and once more shortly after: another worker may have had it locked."""
        self._at_once = True
        self._changed.set()

    def made_room(self) -> None:
        """Look at the queue shortly, if this worker is busy with it: a task has ended, which is counted as running
        until a moment after its end."""
        if self._busy():
            self._changed.set()

    def set(self) -> None:
        super().set()
        self.wake()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is time to look; whether it is time to end."""
        longest = _LOOK_AGAIN_SECONDS if self._again else self._longest()
        woken = self._changed.wait(longest if timeout is None else min(timeout, longest))
        if woken and not self._at_once:
            self._changed.clear()
            self._changed.wait(_LOOK_AGAIN_SECONDS)
        self._changed.clear()
        self._again, self._at_once = self._at_once, False
        return self.is_set()

    def _longest(self) -> float:
        return min(self._poll_seconds, _POLL_BUSY_SECONDS) if self._busy() else self._poll_seconds


class QueueThreads:
    """One thread a queue of this worker. `engine` is launched, its queues are registered."""

    def __init__(self, engine: DBOS, names: Sequence[str]) -> None:
        active = engine._active_workflows_set
        self._engine = engine
        self._pauses = {
            name: Pause(settings().worker_poll_seconds, lambda name=name: active.count_for_queue(name) > 0)  # type: ignore[misc]
            for name in names
        }

    def start(self) -> None:
        """Take work from now on."""
        engine = self._engine
        for event in engine.background_thread_stop_events:
            event.set()  # its own threads for the queues, which poll every second even where they take nothing
        engine._background_jobs_stop_event.set()  # deadlines and delayed starts: we use neither
        queues = {queue.name: queue for queue in engine._sys_db.list_queues(application_name=engine._sys_db.app_name)}
        for name, pause in self._pauses.items():
            threading.Thread(
                target=queue_worker_thread, args=(pause, engine, queues[name]), name=f"queue-{name}", daemon=True
            ).start()

    def wake(self, name: str) -> None:
        """Look at this queue now."""
        self._pauses[name].wake()

    def made_room(self, name: str) -> None:
        """Look at this queue shortly if a task of it has just ended here."""
        self._pauses[name].made_room()

    def stop(self) -> None:
        """Take nothing new."""
        for pause in self._pauses.values():
            pause.set()
