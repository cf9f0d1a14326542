"""Jobs that nobody would ever end, and rows that nobody needs any more: found and put right now and then."""

import logging
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from config import settings
from db.clock import now
from db.models.jobs import Job
from services.jobs import client, engine, faults, settlement, workers
from services.jobs.priority import RETRIES_OF_REPAIR
from services.jobs.settlement import Outcome
from services.jobs.views import ACTIVE

log = logging.getLogger(__name__)

_GRACE = timedelta(seconds=15)
_LIVING = ("ENQUEUED", "PENDING", "DELAYED")
_BATCH = 500


def repair_stuck() -> int:
    """Deal with queued and running jobs whose run is not alive in the engine; how many.

    A run the engine does not know is queued again. One that the engine has ended (an error in our own code, or a
    cancellation that did not reach the job) failed: its credits are released.
    """
    table = engine.workflow_table()
    run_id = sa.case(
        (col(Job.run) == 1, col(Job.id)), else_=col(Job.id).op("||")("/").op("||")(sa.cast(col(Job.run), sa.String))
    )
    query = (
        sa.select(col(Job.id), col(Job.run), table.c.status)
        .select_from(sa.join(Job, table, table.c.workflow_uuid == run_id, isouter=True))
        .where(
            col(Job.status).in_(ACTIVE),
            col(Job.queued_at) < now() - _GRACE,
            sa.or_(table.c.status.is_(None), table.c.status.not_in(_LIVING)),
        )
        .limit(_BATCH)
    )
    with db.snapshot() as session:
        stuck = session.execute(query).all()
    for job_id, run, status in stuck:
        with db.transaction() as session:
            _put_right(session, job_id, run, ended=status is not None)
    return len(stuck)


def _put_right(session: Session, job_id: str, run: int, *, ended: bool) -> None:
    row = session.execute(
        sa.select(col(Job.attempts), col(Job.priority), col(Job.queue))
        .where(col(Job.id) == job_id, col(Job.run) == run, col(Job.status).in_(ACTIVE))
        .with_for_update()
    ).first()
    if row is None:
        return
    if ended:
        log.error("job %s was left behind by the engine: failed, its credits released", job_id)
        settlement.end(session, job_id, run, Outcome(attempt=row.attempts, failure=faults.INTERNAL))
    else:
        log.error("job %s was not known to the engine: queued again", job_id)
        client.enqueue(session, job_id, run, priority=row.priority, retries=RETRIES_OF_REPAIR, queue=row.queue)


def sweep_engine() -> int:
    """Delete the engine's records of runs that ended longer ago than `job_retention_days`; how many."""
    table = engine.workflow_table()
    # the engine counts in milliseconds
    limit = int((now() - timedelta(days=settings().job_retention_days)).timestamp() * 1000)
    total = 0
    while True:
        with db.snapshot() as session:
            ids = session.scalars(
                sa.select(table.c.workflow_uuid).where(table.c.completed_at < limit).limit(_BATCH)
            ).all()
        if ids:
            _forget(ids)
        total += len(ids)
        if len(ids) < _BATCH:
            break
    with db.transaction() as session:
        workers.forget_dead(session)
    return total


def _forget(ids: Sequence[str]) -> None:
    ends = engine.end_table()
    with db.transaction() as session:
        session.execute(sa.delete(ends).where(ends.c.workflow_id.in_(ids)))
    client.client().delete_workflows(list(ids))  # last: should we die before it, the next sweep finds these runs again
