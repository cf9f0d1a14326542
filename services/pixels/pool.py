"""A few helper processes and the queue before them. It has no thread of its own: whoever asks does the waiting."""

import pickle
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from services.pixels.asker import Asker
from services.pixels.errors import RETRY_AFTER_SECONDS, Abandoned, Busy, Crashed
from services.pixels.process import Gone, Helper

_LONGEST_WAIT_SECONDS = 60.0
_TRIES = 3

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limits:
    """How many helpers, how many tasks may wait for one, what memory (MB) a task may use, and after how many tasks a
    helper is replaced by a fresh one. `preload` names modules for a helper to import before its first task."""

    helpers: int = 2
    queue: int = 32
    memory_mb: int = 2048
    tasks_each: int = 200
    preload: tuple[str, ...] = ()


class Pool:
    """Starts helpers as they are needed and replaces those that were ended."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._changed = threading.Condition()
        self._idle: list[Helper] = []
        self._busy: set[Helper] = set()
        self._starting = 0
        self._queue: deque[object] = deque()
        self._closed = False

    def run(self, task: str, args: tuple[Any, ...], seconds: float, asker: Asker) -> Any:
        """The result of a task. Raises as `services.pixels.run`."""
        message = pickle.dumps((task, args, seconds), protocol=pickle.HIGHEST_PROTOCOL)
        for _ in range(_TRIES):
            helper = self._acquire(asker)
            try:
                return helper.work(message, seconds, asker)
            except Gone:  # while it was idle: it took no harm from the task, nor the task from it
                continue
            finally:
                self._release(helper)
        raise Crashed

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the helpers there are."""
        with self._changed:
            return tuple(helper.pid for helper in (*self._idle, *self._busy))

    @property
    def is_full(self) -> bool:
        """Whether every helper is at work."""
        with self._changed:
            return not self._is_free()

    def close(self) -> None:
        """End every helper and wait until it is gone; whoever waits gets `Busy`."""
        with self._changed:
            self._closed = True
            idle, busy = tuple(self._idle), tuple(self._busy)
            self._idle.clear()
            self._changed.notify_all()
        for helper in idle:
            helper.end()
        for helper in busy:
            helper.kill()

    def _acquire(self, asker: Asker) -> Helper:
        """A helper for one task, when it is this task's turn."""
        turn = object()
        with asker.calling(self._wake), self._changed:
            if not self._is_free() and len(self._queue) >= self._limits.queue:
                raise Busy(retry_after=RETRY_AFTER_SECONDS)
            self._queue.append(turn)
            try:
                self._changed.wait_for(
                    lambda: asker.left or self._closed or (self._queue[0] is turn and self._is_free()),
                    _LONGEST_WAIT_SECONDS,
                )
                if asker.left:
                    raise Abandoned
                if self._closed or self._queue[0] is not turn or not self._is_free():
                    raise Busy(retry_after=RETRY_AFTER_SECONDS)
                if self._idle:
                    helper = self._idle.pop()
                    self._busy.add(helper)
                    return helper
                self._starting += 1
            finally:
                self._queue.remove(turn)
                self._changed.notify_all()
        return self._started()

    def _release(self, helper: Helper) -> None:
        """Let the next task have it. One that was ended or has done its share is replaced at once, so that the next
        task need not wait for its imports."""
        with self._changed:
            self._busy.discard(helper)
            if helper.alive and helper.tasks < self._limits.tasks_each and not self._closed:
                self._idle.append(helper)
                self._changed.notify_all()
                return
            self._starting += 1
        helper.end()
        with suppress(Busy):
            fresh = self._started()
            self._release(fresh)

    def _started(self) -> Helper:
        """A new helper, busy for now; its place was kept by `_starting`."""
        helper: Helper | None = None
        try:
            if not self._closed:
                helper = Helper(self._limits.memory_mb, self._limits.preload)
        except OSError as error:
            _log.error("pixel_helper_did_not_start", reason=str(error))
        with self._changed:
            self._starting -= 1
            if helper is not None and not self._closed:
                self._busy.add(helper)
                return helper
            self._changed.notify_all()
        if helper is not None:
            helper.end()
        raise Busy(retry_after=RETRY_AFTER_SECONDS)

    def _is_free(self) -> bool:
        return bool(self._idle) or len(self._busy) + self._starting < self._limits.helpers

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
