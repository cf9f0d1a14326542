"""What a task has done already, kept beyond the life of a worker. The engine keeps it; a test may do without."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from sqlmodel import Session

Made = TypeVar("Made")


def keep(_made: object) -> None:
    """Undo nothing."""


class Checkpoints(Protocol):
    """The parts of one execution that were done, in the order they come."""

    def once(self, name: str, part: Callable[[], Made], undo: Callable[[Made], None] = keep) -> Made:
        """What `part` returns, or returned when it was done before. At least once: a worker that dies after the part
        and before the checkpoint leaves it to be done again.

        `undo` reverts what could not be recorded, because the task was cancelled or taken over in the meantime; the
        reason is raised then.
        """

    def sleep(self, seconds: float) -> None:
        """Wait; after a restart only for what is left."""

    def transaction(self, name: str, part: Callable[[Session], Made], cancelled: Callable[[], None]) -> Made:
        """What `part` returns: its writes and its checkpoint commit together, so it happens once. `cancelled` is called
        if the task was cancelled first; the reason is raised then."""
