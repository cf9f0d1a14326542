"""How jobs end. `origin_kind` and `origin_id` say where a job was asked for."""

from typing import ClassVar

from services.events import Event


class JobEnded(Event):
    """What the three ways to end have in common."""

    subjects: ClassVar[tuple[str, ...]] = ("job_id", "origin_id", "product_id")

    user_id: str
    job_id: str
    origin_kind: str
    origin_id: str | None = None
    product_id: str | None = None


class JobCompleted(JobEnded):
    """A job made its picture. `is_charged` is False for one that we doubt."""

    kind: ClassVar[str] = "job.completed"

    is_charged: bool
    credits_charged: int


class JobCancelled(JobEnded):
    """A job was cancelled by its owner, and was not charged."""

    kind: ClassVar[str] = "job.cancelled"


class JobFailed(JobEnded):
    """A job ended without a picture, and was not charged."""

    kind: ClassVar[str] = "job.failed"

    code: str
    message: str
    retryable: bool
