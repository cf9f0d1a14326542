"""What remembers the parts of a run beyond the life of a worker. The engine does; a test may do without."""

from collections.abc import Callable
from typing import Protocol, TypeVar

Made = TypeVar("Made")


class Memory(Protocol):
    """The parts of one run that were done, in the order they come."""

    def once(self, name: str, part: Callable[[], Made], undo: Callable[[Made], None]) -> Made:
        """What `part` gives, or gave when it was done before. `undo` takes back what could not be remembered, because
        the run was cancelled or taken over in the meantime; the reason is raised then."""

    def sleep(self, seconds: float) -> None:
        """Wait; after a restart only for what is left."""
