"""Whoever waits for a task: a request or a screen, which may go away before its result comes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Asker:
    """Somebody who may leave, from any thread. Tasks asked for in their name are then dropped."""

    def __init__(self) -> None:
        self.left = False
        self._lock = threading.Lock()
        self._on_leave: list[Callable[[], None]] = []

    def leave(self) -> None:
        """Drop what was asked for: what waits is not begun, what runs is ended."""
        with self._lock:
            self.left = True
            calls = tuple(self._on_leave)
        for call in calls:
            call()

    @contextmanager
    def calling(self, on_leave: Callable[[], None]) -> Iterator[None]:
        """Call `on_leave` if they leave during the block, or left before it."""
        with self._lock:
            self._on_leave.append(on_leave)
            left = self.left
        if left:
            on_leave()
        try:
            yield
        finally:
            with self._lock:
                self._on_leave.remove(on_leave)


ANYBODY = Asker()
"""In whose name tasks are asked for that nobody is known to wait for: they never leave."""

_current: ContextVar[Asker] = ContextVar("vitrine_pixels_asker", default=ANYBODY)


def current_asker() -> Asker:
    """In whose name this context asks."""
    return _current.get()


@contextmanager
def asking(asker: Asker) -> Iterator[None]:
    """Ask for what the block asks for, also in threads that it hands its context to, in the name of `asker`."""
    token = _current.set(asker)
    try:
        yield
    finally:
        _current.reset(token)
