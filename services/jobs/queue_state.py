"""The queue as a whole: who waits where, how long it may take, which workers are alive."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

import sqlalchemy as sa
from sqlmodel import Session, col, select

import db
from db.clock import now
from db.models.engine import Worker
from db.models.jobs import Job, JobStatus
from services.engine import workers
from services.jobs import queues
from services.jobs.queues import PROVIDERS, RENDER
from services.jobs.views import ENDED, JobView, view

_RECENT = 50
_FIRST_GUESS_SECONDS = {RENDER.name: 3.0, PROVIDERS.name: 10.0}


@dataclass(frozen=True)
class WorkerView:
    """A worker process. `alive` on the database's clock; `running` is how many jobs it works on."""

    id: str
    hostname: str
    pid: int
    version: str
    concurrency: int
    running: int
    draining: bool
    alive: bool
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class QueueState:
    """Jobs by status, the age of the longest-waiting one in seconds, mean seconds a job takes, and the workers."""

    counts: dict[str, int]
    oldest_waiting_seconds: float | None
    seconds_per_job: float
    workers: tuple[WorkerView, ...]


def queue_state() -> QueueState:
    """The state of the queue for staff, health checks and metrics."""
    with db.snapshot() as session:
        counted = session.execute(sa.select(col(Job.status), sa.func.count()).group_by(col(Job.status))).all()
        oldest = session.scalar(sa.select(sa.func.min(col(Job.queued_at))).where(col(Job.status) == JobStatus.QUEUED))
        alive = workers.alive_ids(session)
        rows = session.scalars(select(Worker).order_by(col(Worker.started_at))).all()
        recent = [seconds for _, seconds in _recent(session)]
    counts = {status.value: 0 for status in JobStatus} | {row[0]: row[1] for row in counted}
    return QueueState(
        counts=counts,
        oldest_waiting_seconds=None if oldest is None else max(0.0, (now() - oldest).total_seconds()),
        seconds_per_job=fmean(recent) if recent else _FIRST_GUESS_SECONDS[RENDER.name],
        workers=tuple(_worker_view(worker, worker.id in alive) for worker in rows),
    )


def view_in(session: Session, job: Job) -> JobView:
    """The job with its place in the queue and the estimate of the seconds to its end."""
    return views_in(session, [job])[0]


def views_in(session: Session, jobs: Sequence[Job]) -> list[JobView]:
    """The same for several, with one look at the queue for all of them."""
    if all(job.status in ENDED for job in jobs):
        return [view(job) for job in jobs]
    seconds = _seconds_per_job(session)
    positions = _positions(session, [job.id for job in jobs if job.status == JobStatus.QUEUED])
    hands = queues.capacity(session) if positions else {}
    return [_estimated(job, positions.get(job.id), max(1, hands.get(job.queue, 1)), seconds[job.queue]) for job in jobs]


def _estimated(job: Job, position: int | None, hands: int, seconds: float) -> JobView:
    if job.status == JobStatus.QUEUED and position is not None:
        return view(job, position, round(math.ceil(position / hands) * seconds, 1))
    if job.status == JobStatus.RUNNING and job.started_at is not None:
        elapsed = (now() - job.started_at).total_seconds()
        return view(job, None, round(max(0.0, seconds - elapsed), 1))
    return view(job)


def _positions(session: Session, job_ids: list[str]) -> dict[str, int]:
    """Places in their queues, from 1, in the order in which the engine takes jobs off them."""
    if not job_ids:
        return {}
    order = (col(Job.priority), col(Job.queued_at), col(Job.id))
    place = sa.func.row_number().over(partition_by=col(Job.queue), order_by=order).label("place")
    queue = sa.select(col(Job.id), place).where(col(Job.status) == JobStatus.QUEUED).subquery()
    rows = session.execute(sa.select(queue.c.id, queue.c.place).where(queue.c.id.in_(job_ids)))
    return {row.id: row.place for row in rows}


def _seconds_per_job(session: Session) -> dict[str, float]:
    """For each queue, the mean duration of its jobs among those that succeeded last."""
    recent = _recent(session)
    found = {queue: [seconds for name, seconds in recent if name == queue] for queue in _FIRST_GUESS_SECONDS}
    return {queue: fmean(spans) if spans else _FIRST_GUESS_SECONDS[queue] for queue, spans in found.items()}


def _recent(session: Session) -> list[tuple[str, float]]:
    """Queue and duration, in seconds, of the jobs that succeeded last."""
    query = (
        sa.select(col(Job.queue), col(Job.started_at), col(Job.finished_at))
        .where(col(Job.status) == JobStatus.SUCCEEDED, col(Job.finished_at).is_not(None))
        .order_by(col(Job.finished_at).desc())
        .limit(_RECENT)
    )
    return [
        (queue, (finished - started).total_seconds())
        for queue, started, finished in session.execute(query).all()
        if started is not None and finished is not None
    ]


def _worker_view(worker: Worker, alive: bool) -> WorkerView:
    return WorkerView(
        id=worker.id,
        hostname=worker.hostname,
        pid=worker.pid,
        version=worker.version,
        concurrency=worker.concurrency,
        running=worker.running,
        draining=worker.draining,
        alive=alive,
        started_at=worker.started_at,
        seen_at=worker.seen_at,
    )
