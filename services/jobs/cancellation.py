"""Cancelling a job."""

import logging

import sqlalchemy as sa
from sqlmodel import col, select

import db
from db.clock import now
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.credits import ledger
from services.engine import client
from services.errors import Conflict, NotFound
from services.jobs import queues
from services.jobs.views import ACTIVE, JobView, view

log = logging.getLogger(__name__)


def cancel_job(actor: Actor, job_id: str) -> JobView:
    """Cancel a queued or running job and give its credits back, in one transaction. A job cancelled before stays so.

    Raises NotFound, and Conflict for a job that has already succeeded or failed.
    """
    actor.require_scope("write")
    with db.transaction() as session:
        session.execute(
            sa.update(Job)
            .where(col(Job.id) == job_id, col(Job.user_id) == actor.id, col(Job.status).in_(ACTIVE))
            .values(status=JobStatus.CANCELLED, stage="cancelled", credits_held=0, finished_at=now())
        )
        job = session.scalar(select(Job).where(col(Job.id) == job_id, col(Job.user_id) == actor.id))
        if job is None:
            raise NotFound
        if job.status != JobStatus.CANCELLED:
            raise Conflict("This job has already ended, so it can no longer be cancelled.")
        if job.hold_id is not None:
            ledger.release(session, job.hold_id, actor=actor.id)
    _cancel_in_engine(job)
    return view(job)


def _cancel_in_engine(job: Job) -> None:
    """The job is over either way; this only spares a worker the trip."""
    try:
        client.cancel(queues.workflow_id(job.id, job.run))
    except Exception:
        log.warning("the engine did not take the cancellation of %s", job.id, exc_info=True)
