"""A job's turns of state inside a worker: each is a compare-and-set, so that of two workers only one makes it.

`attempts` is the fencing token. Whoever starts a run raises it and holds the new number; a worker that was frozen,
taken for dead and woken holds an old one, and nothing it then writes takes effect.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from db.clock import now
from db.models.jobs import Job, JobStatus
from db.types import UtcDateTime
from services import events
from services.catalog.pictures import place_result
from services.credits import ledger
from services.engine import records
from services.jobs import queues
from services.jobs.event_types import JobCompleted, JobFailed
from services.jobs.views import ACTIVE
from services.library import results


@dataclass(frozen=True)
class Start:
    """One start of a run by a worker: the token to end it with, and what to work on."""

    job_id: str
    run: int
    attempt: int
    user_id: str
    recipe: dict[str, Any]
    asset_id: str


@dataclass(frozen=True)
class Failure:
    """Why a job failed, for its owner."""

    code: str
    message: str
    retryable: bool


@dataclass(frozen=True)
class Finished:
    """One result whose bytes are stored, not yet a picture of the library. `details` is what its owner can look up;
    `source_type` the IPTC digital source type that its file says."""

    prepared: results.PreparedPicture
    parent_id: str
    operations: str
    details: dict[str, Any]
    source_type: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How a start ended: results to keep and whether they are charged, or a failure."""

    attempt: int
    results: tuple[Finished, ...] = ()
    charged: bool = False
    quality: dict[str, Any] | None = None
    failure: Failure | None = None


def begin(session: Session, job_id: str, run: int, worker_id: str, owner: str | None = None) -> Start | None:
    """Mark the run as started by this worker; None if it has ended, was cancelled, or a later run replaced it.

    `owner` is the engine's token of the execution that asks. One that the engine has given to another worker since
    (this one was frozen before it began) may not take the run back from it.
    """
    row = session.execute(
        sa.update(Job)
        .where(
            col(Job.id) == job_id,
            col(Job.run) == run,
            col(Job.status).in_(ACTIVE),
            records.is_owned(queues.workflow_id(job_id, run), owner),
        )
        .values(
            status=JobStatus.RUNNING,
            stage="starting",
            progress=0.0,
            attempts=Job.attempts + 1,
            worker_id=worker_id,
            started_at=sa.func.coalesce(Job.started_at, sa.literal(now(), UtcDateTime())),
        )
        .returning(col(Job.attempts), col(Job.user_id), col(Job.recipe), col(Job.input_asset_id))
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return None
    attempts, user_id, recipe, asset_id = row
    return Start(job_id, run, attempts, user_id, recipe, asset_id)


def end(session: Session, job_id: str, run: int, outcome: Outcome) -> bool:
    """Write the end of a run: its state, the charge or the release, the results and the event. False, and nothing
    done, if this start no longer owns the run."""
    failure = outcome.failure
    status = JobStatus.SUCCEEDED if failure is None else JobStatus.FAILED
    row = session.execute(
        sa.update(Job)
        .where(
            col(Job.id) == job_id,
            col(Job.run) == run,
            col(Job.attempts) == outcome.attempt,
            col(Job.status).in_(ACTIVE),
        )
        .values(
            status=status,
            stage=status.value,
            progress=1.0 if failure is None else Job.progress,
            credits_held=0,
            quality=outcome.quality,
            doubtful=failure is None and not outcome.charged,
            error_code=failure.code if failure else None,
            error_message=failure.message if failure else None,
            error_retryable=failure.retryable if failure else False,
            finished_at=now(),
        )
        .returning(col(Job.user_id), col(Job.hold_id), col(Job.product_id), col(Job.origin_kind), col(Job.origin_id))
        .execution_options(synchronize_session=False)
    ).first()
    if row is None:
        return False
    user_id, hold_id, product_id, origin_kind, origin_id = row
    charged = _settle(session, hold_id, outcome.charged and failure is None)
    if failure is None:
        asset_ids = [_keep(session, user_id, job_id, product_id, result) for result in outcome.results]
        session.execute(
            sa.update(Job)
            .where(col(Job.id) == job_id)
            .values(result_asset_ids=asset_ids, credits_charged=charged)
            .execution_options(synchronize_session=False)
        )
    about = {
        "user_id": user_id,
        "job_id": job_id,
        "origin_kind": origin_kind,
        "origin_id": origin_id,
        "product_id": product_id,
    }
    events.record(session, _happened(about, outcome, charged))
    return True


def _settle(session: Session, hold_id: str | None, charged: bool) -> int:
    if hold_id is None:
        return 0
    if charged:
        return ledger.capture(session, hold_id)
    ledger.release(session, hold_id)
    return 0


def _keep(session: Session, user_id: str, job_id: str, product_id: str | None, result: Finished) -> str:
    asset_id = results.add_result(
        session,
        result.prepared,
        user_id=user_id,
        job_id=job_id,
        parent_id=result.parent_id,
        operations=result.operations,
        details=result.details,
        digital_source_type=result.source_type,
        product_id=product_id,
    )
    if product_id is not None:
        place_result(session, product_id, asset_id, result.parent_id)
    return asset_id


def _happened(about: dict[str, Any], outcome: Outcome, charged: int) -> events.Event:
    if (failure := outcome.failure) is not None:
        return JobFailed(**about, code=failure.code, message=failure.message, retryable=failure.retryable)
    return JobCompleted(**about, is_charged=outcome.charged, credits_charged=charged)
