"""How jobs end. `origin_kind` and `origin_id` say where a job was asked for."""

from typing import ClassVar

from services.events import Event


class JobCompleted(Event):
    """A job made its picture. `is_charged` is False for one that we doubt."""

    kind: ClassVar[str] = "job.completed"
    subjects: ClassVar[tuple[str, ...]] = ("job_id", "origin_id", "product_id")

    user_id: str
    job_id: str
    origin_kind: str
    origin_id: str | None = None
    product_id: str | None = None
    is_charged: bool
    credits_charged: int


class JobCancelled(Event):
    """A job was cancelled by its owner, and was not charged."""

    kind: ClassVar[str] = "job.cancelled"
    subjects: ClassVar[tuple[str, ...]] = ("job_id", "origin_id", "product_id")

    user_id: str
    job_id: str
    origin_kind: str
    origin_id: str | None = None
    product_id: str | None = None


class JobFailed(Event):
    """A job ended without a picture, and was not charged."""

    kind: ClassVar[str] = "job.failed"
    subjects: ClassVar[tuple[str, ...]] = ("job_id", "origin_id", "product_id")

    user_id: str
    job_id: str
    origin_kind: str
    origin_id: str | None = None
    product_id: str | None = None
    code: str
    message: str
    retryable: bool
