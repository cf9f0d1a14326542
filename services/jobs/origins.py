"""All jobs of one screen's session or batch, or for one product, in one indexed read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from db.models.jobs import Job, JobStatus, OriginKind
from services.accounts.actor import Actor
from services.jobs.views import ACTIVE, ENDED, JobError


@dataclass(frozen=True)
class JobGlance:
    """What a list of many jobs shows of each. `progress` is 0..1."""

    id: str
    status: JobStatus
    stage: str
    progress: float
    recipe: dict[str, Any]
    input_asset_id: str
    result_asset_ids: tuple[str, ...]
    product_id: str | None
    credits_held: int
    credits_charged: int
    doubtful: bool
    error: JobError | None
    run: int

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def can_retry(self) -> bool:
        return self.status in (JobStatus.FAILED, JobStatus.CANCELLED)


@dataclass(frozen=True)
class OriginJobs:
    """The jobs of one origin, oldest first, and how many there are in each status."""

    jobs: tuple[JobGlance, ...]
    counts: Mapping[JobStatus, int]

    @property
    def ended(self) -> bool:
        return all(job.ended for job in self.jobs)


_COLUMNS = (
    Job.id,
    Job.status,
    Job.stage,
    Job.progress,
    Job.recipe,
    Job.input_asset_id,
    Job.result_asset_ids,
    Job.product_id,
    Job.credits_held,
    Job.credits_charged,
    Job.doubtful,
    Job.error_code,
    Job.error_message,
    Job.error_retryable,
    Job.run,
)
_OWN = (
    sa.select(*(col(column) for column in _COLUMNS))
    .where(col(Job.user_id) == sa.bindparam("user_id"))
    .order_by(col(Job.id))
)
_OF_ORIGIN = _OWN.where(col(Job.origin_id) == sa.bindparam("origin_id"))
_FOR_PRODUCT = _OWN.where(col(Job.product_id) == sa.bindparam("product_id"))


def jobs_of(actor: Actor, origin_id: str) -> OriginJobs:
    """The person's jobs of an origin; none if it has none or is another person's."""
    actor.require_scope("read")
    with db.snapshot() as session:
        return jobs_of_in(session, actor.id, origin_id)


def jobs_of_in(session: Session, user_id: str, origin_id: str) -> OriginJobs:
    """The same in the caller's transaction."""
    rows = session.execute(_OF_ORIGIN, {"user_id": user_id, "origin_id": origin_id}).all()
    found = tuple(_glance(*row) for row in rows)
    return OriginJobs(found, Counter(job.status for job in found))


def jobs_for_product(actor: Actor, product_id: str) -> tuple[JobGlance, ...]:
    """The person's jobs whose results become pictures of a product, wherever they were asked for; oldest first."""
    actor.require_scope("read")
    with db.snapshot() as session:
        rows = session.execute(_FOR_PRODUCT, {"user_id": actor.id, "product_id": product_id}).all()
    return tuple(_glance(*row) for row in rows)


def active_origins(actor: Actor, kind: OriginKind = OriginKind.SCREEN) -> list[str]:
    """Ids of the origins of a kind that have jobs waiting or running, the newest first."""
    actor.require_scope("read")
    query = (
        sa.select(col(Job.origin_id))
        .where(
            col(Job.user_id) == actor.id,
            col(Job.status).in_(ACTIVE),
            col(Job.origin_kind) == kind,
            col(Job.origin_id).is_not(None),
        )
        .group_by(col(Job.origin_id))
        .order_by(sa.func.max(col(Job.id)).desc())
    )
    with db.snapshot() as session:
        return [origin_id for (origin_id,) in session.execute(query).all()]


def _glance(
    id: str,
    status: str,
    stage: str,
    progress: float,
    recipe: dict[str, Any],
    input_asset_id: str,
    result_asset_ids: list[str],
    product_id: str | None,
    credits_held: int,
    credits_charged: int,
    doubtful: bool,
    error_code: str | None,
    error_message: str | None,
    error_retryable: bool,
    run: int,
) -> JobGlance:
    error = None if error_code is None else JobError(error_code, error_message or "", error_retryable)
    return JobGlance(
        id=id,
        status=JobStatus(status),
        stage=stage,
        progress=progress,
        recipe=recipe,
        input_asset_id=input_asset_id,
        result_asset_ids=tuple(result_asset_ids),
        product_id=product_id,
        credits_held=credits_held,
        credits_charged=credits_charged,
        doubtful=doubtful,
        error=error,
        run=run,
    )
