"""What a job looks like from outside: frozen, complete, without a database row behind it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.models.jobs import Job, JobStatus, OriginKind
from services.studio.named_pictures import stored_pictures

ENDED = (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED)
ACTIVE = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True)
class JobError:
    """Why a job failed: a stable code, a sentence for the shop owner, whether a retry may help."""

    code: str
    message: str
    retryable: bool


@dataclass(frozen=True)
class QualityCheck:
    """One thing looked at in the result."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Quality:
    """How good a result is: confidence 0..1 of the cut-out (None without one), checks, doubts in plain sentences."""

    confidence: float | None
    checks: tuple[QualityCheck, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a job was asked for: on a screen or over the API. `id` is that of the batch, the product or the screen's
    session that it belongs to, if there is one; ids of all of these are unique."""

    kind: OriginKind
    id: str | None = None


FROM_API = Origin(OriginKind.API)


@dataclass(frozen=True)
class JobView:
    """One job as its owner sees it. A `doubtful` result is kept but not charged,
    for we are not sure that it is good enough. `progress` is 0..1, `eta_seconds` the estimate to its end,
    `queue_position` counts from 1 and is None once it runs; `credits_held` is what is set aside now."""

    id: str
    user_id: str
    status: JobStatus
    recipe: dict[str, Any]
    input_asset_id: str
    result_asset_ids: tuple[str, ...]
    origin: Origin
    product_id: str | None
    progress: float
    stage: str
    queue_position: int | None
    eta_seconds: float | None
    credits_held: int
    credits_charged: int
    quality: Quality | None
    doubtful: bool
    error: JobError | None
    attempts: int
    run: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def version(self) -> str:
        """Changes with everything worth telling a watcher; the same again only for the same state."""
        return f"{self.run}.{self.attempts}.{self.status}.{self.progress:.4f}.{self.queue_position or 0}.{self.stage}"

    @property
    def input_asset_ids(self) -> tuple[str, ...]:
        """The picture, then those that the recipe names."""
        return tuple(dict.fromkeys((self.input_asset_id, *stored_pictures(self.recipe))))

    @property
    def can_retry(self) -> bool:
        return self.status in (JobStatus.FAILED, JobStatus.CANCELLED)


def view(row: Job, queue_position: int | None = None, eta_seconds: float | None = None) -> JobView:
    """The view of a row, with what only the queue as a whole can tell."""
    return JobView(
        id=row.id,
        user_id=row.user_id,
        status=JobStatus(row.status),
        recipe=row.recipe,
        input_asset_id=row.input_asset_id,
        result_asset_ids=tuple(row.result_asset_ids),
        origin=Origin(OriginKind(row.origin_kind), row.origin_id),
        product_id=row.product_id,
        progress=row.progress,
        stage=row.stage,
        queue_position=queue_position,
        eta_seconds=eta_seconds,
        credits_held=row.credits_held,
        credits_charged=row.credits_charged,
        quality=_quality(row.quality),
        doubtful=row.doubtful,
        error=_error(row),
        attempts=row.attempts,
        run=row.run,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _quality(stored: dict[str, Any] | None) -> Quality | None:
    if stored is None:
        return None
    checks = tuple(QualityCheck(check["name"], check["passed"], check["detail"]) for check in stored.get("checks", ()))
    return Quality(stored.get("confidence"), checks, tuple(stored.get("doubts", ())))


def _error(row: Job) -> JobError | None:
    if row.error_code is None:
        return None
    return JobError(row.error_code, row.error_message or "", row.error_retryable)
