"""Looking at one's jobs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from sqlmodel import col, select

import db
from db.models.jobs import Job
from services.accounts.actor import Actor
from services.cursors import newest
from services.errors import NotFound
from services.jobs import queue_state
from services.jobs.views import ACTIVE, ENDED, JobView, view

_POLL_SECONDS = 0.05
_OWN = sa.select(*Job.__table__.columns).where(  # type: ignore[attr-defined]
    col(Job.id) == sa.bindparam("job_id"), col(Job.user_id) == sa.bindparam("user_id")
)


@dataclass(frozen=True)
class JobPage:
    """A page of jobs, newest first."""

    items: tuple[JobView, ...]
    has_more: bool


def get_job(actor: Actor, job_id: str) -> JobView:
    """One job. Raises NotFound, also for another person's."""
    actor.require_scope("read")
    rows = db.read(_OWN, {"job_id": job_id, "user_id": actor.id})
    if not rows:
        raise NotFound
    job = cast(Job, rows[0])  # it has the same attributes, and programs ask for a job more often than for anything else
    if job.status in ENDED:
        return view(job)
    with db.snapshot() as session:
        return queue_state.view_in(session, job)


def get_jobs(actor: Actor, job_ids: Sequence[str]) -> list[JobView]:
    """Several jobs, in the order asked for. Raises NotFound if any of them is not this person's."""
    actor.require_scope("read")
    with db.snapshot() as session:
        rows = session.scalars(select(Job).where(col(Job.id).in_(job_ids), col(Job.user_id) == actor.id)).all()
        found = {job.id: job for job in queue_state.views_in(session, rows)}
    if any(job_id not in found for job_id in job_ids):
        raise NotFound
    return [found[job_id] for job_id in job_ids]


def look_up(job_ids: Sequence[str]) -> list[JobView]:
    """Jobs by id whoever's they are, those that exist: for the watcher, whose callers have asked `get_jobs` first."""
    with db.snapshot() as session:
        rows = session.scalars(select(Job).where(col(Job.id).in_(job_ids))).all()
        return queue_state.views_in(session, rows)


def list_jobs(
    actor: Actor, *, status: str | None = None, limit: int = 20, starting_after: str | None = None
) -> JobPage:
    """The person's jobs, newest first, those after the id `starting_after`. Raises `Invalid` for another's."""
    actor.require_scope("read")
    query = select(Job).where(col(Job.user_id) == actor.id)
    if status is not None:
        query = query.where(col(Job.status) == status)
    with db.snapshot() as session:
        query = newest(Job).rest_of(session, actor, query, starting_after, "job")
        rows = session.scalars(query.limit(limit + 1)).all()
        items = tuple(queue_state.views_in(session, rows[:limit]))
    return JobPage(items, has_more=len(rows) > limit)


def has_active_jobs(actor: Actor) -> bool:
    """Whether any of the person's jobs is queued or running: one indexed look, for screens that ask every second."""
    actor.require_scope("read")
    query = select(col(Job.id)).where(col(Job.user_id) == actor.id, col(Job.status).in_(ACTIVE)).limit(1)
    with db.snapshot() as session:
        return session.scalar(query) is not None


def wait_for(actor: Actor, job_id: str, timeout: float) -> JobView:
    """The job once it has ended, or as it is after `timeout` seconds. Blocks the calling thread."""
    deadline = time.monotonic() + timeout
    while True:
        job = get_job(actor, job_id)
        left = deadline - time.monotonic()
        if job.ended or left <= 0:
            return job
        time.sleep(min(_POLL_SECONDS, left))
