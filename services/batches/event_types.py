"""How batches end, and which jobs' ends belong to one."""

from typing import ClassVar

from services.events import Event
from services.jobs.event_types import JobEnded

PREFIX = "bat"
"""What the ids of batches begin with."""


class BatchCompleted(Event):
    """The last job of a batch ended. The counts are those of its jobs then, `made` with the doubtful ones."""

    kind: ClassVar[str] = "batch.completed"
    subjects: ClassVar[tuple[str, ...]] = ("batch_id",)

    user_id: str
    batch_id: str
    status: str
    made: int
    doubtful: int
    failed: int
    cancelled: int
    credits_charged: int


def is_of_batch(event: JobEnded) -> bool:
    """Whether the job that ended is one of a batch, whose end is an event of its own."""
    return event.origin_id is not None and event.origin_id.startswith(f"{PREFIX}_")
