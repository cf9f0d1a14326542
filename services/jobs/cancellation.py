"""Cancelling a job."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

import db
from db.clock import now
from db.models.jobs import Job, JobStatus
from services import events
from services.accounts.actor import Actor
from services.credits import ledger
from services.engine import client
from services.errors import Conflict, NotFound
from services.jobs import queues
from services.jobs.event_types import JobCancelled
from services.jobs.views import ACTIVE, JobView, view

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Cancelled:
    """A job that was cancelled, and the run that it was in."""

    id: str
    run: int


def cancel_job(actor: Actor, job_id: str) -> JobView:
    """Cancel a queued or running job and give its credits back, in one transaction. A job cancelled before stays so.

    Raises NotFound, and Conflict for a job that has already succeeded or failed.
    """
    actor.require_scope("write")
    with db.transaction() as session:
        cancelled = _cancel(session, actor, col(Job.id) == job_id)
        job = session.scalar(select(Job).where(col(Job.id) == job_id, col(Job.user_id) == actor.id))
        if job is None:
            raise NotFound
        if job.status != JobStatus.CANCELLED:
            raise Conflict("This job has already ended, so it can no longer be cancelled.")
    cancel_in_engine(cancelled or [Cancelled(job.id, job.run)])
    return view(job)


def cancel_of_origin(
    session: Session, actor: Actor, origin_id: str, job_ids: Sequence[str] | None = None
) -> list[Cancelled]:
    """Cancel the jobs of an origin that wait or run, or some of them, in the caller's transaction; which. Give them to
    `cancel_in_engine` once it is committed. Raises NotFound for a job that is not of this origin."""
    if job_ids is not None:
        own = sa.select(sa.func.count()).where(
            col(Job.id).in_(job_ids), col(Job.user_id) == actor.id, col(Job.origin_id) == origin_id
        )
        if session.scalar(own) != len(job_ids):
            raise NotFound
    chosen = sa.true() if job_ids is None else col(Job.id).in_(job_ids)
    return _cancel(session, actor, col(Job.origin_id) == origin_id, chosen)


def cancel_in_engine(cancelled: Sequence[Cancelled]) -> None:
    """The jobs are over either way; this only spares a worker the trip."""
    if not cancelled:
        return
    try:
        client.cancel([queues.workflow_id(job.id, job.run) for job in cancelled])
    except Exception:
        log.warning("the engine did not take the cancellation of %s jobs", len(cancelled), exc_info=True)


def _cancel(session: Session, actor: Actor, *which: sa.ColumnElement[bool]) -> list[Cancelled]:
    rows = session.execute(
        sa.update(Job)
        .where(col(Job.user_id) == actor.id, col(Job.status).in_(ACTIVE), *which)
        .values(status=JobStatus.CANCELLED, stage="cancelled", credits_held=0, finished_at=now())
        .returning(
            col(Job.id),
            col(Job.run),
            col(Job.hold_id),
            col(Job.origin_kind),
            col(Job.origin_id),
            col(Job.product_id),
        )
        .execution_options(synchronize_session=False)
    ).all()
    held = [row.hold_id for row in rows if row.hold_id is not None]
    ledger.release_all(session, actor.id, held, actor=actor.id)
    happened = [
        JobCancelled(
            user_id=actor.id,
            job_id=row.id,
            origin_kind=row.origin_kind,
            origin_id=row.origin_id,
            product_id=row.product_id,
        )
        for row in rows
    ]
    events.record_all(session, happened)
    return [Cancelled(row.id, row.run) for row in rows]
