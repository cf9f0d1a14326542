"""How batches end."""

from typing import ClassVar

from services.events import Event


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
