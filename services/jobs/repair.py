"""Jobs that nothing else would bring to an end: found and repaired periodically."""

import logging
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from db.clock import now
from db.models.jobs import Job
from services.engine import records
from services.jobs import queues, settlement
from services.jobs.priority import RETRIES_OF_REPAIR
from services.jobs.run import faults
from services.jobs.settlement import Outcome
from services.jobs.views import ACTIVE

log = logging.getLogger(__name__)

_GRACE = timedelta(seconds=15)
_BATCH = 500


def repair_stuck() -> int:
    """Repair queued and running jobs whose run is not alive in the engine; how many.

    A run the engine does not know is queued again. One that the engine has ended (an error in our own code, or a
    cancellation that did not reach the job) failed: its credits are released.
    """
    table = records.workflow_table()
    run_id = sa.case(
        (col(Job.run) == 1, col(Job.id)), else_=col(Job.id).op("||")("/").op("||")(sa.cast(col(Job.run), sa.String))
    )
    query = (
        sa.select(col(Job.id), col(Job.run), table.c.status)
        .select_from(sa.join(Job, table, table.c.workflow_uuid == run_id, isouter=True))
        .where(
            col(Job.status).in_(ACTIVE),
            col(Job.queued_at) < now() - _GRACE,
            sa.or_(table.c.status.is_(None), table.c.status.not_in(records.ALIVE)),
        )
        .limit(_BATCH)
    )
    with db.snapshot() as session:
        stuck = session.execute(query).all()
    for job_id, run, status in stuck:
        with db.transaction() as session:
            _repair(session, job_id, run, ended=status is not None)
    return len(stuck)


def _repair(session: Session, job_id: str, run: int, *, ended: bool) -> None:
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
        queues.enqueue(session, job_id, run, priority=row.priority, retries=RETRIES_OF_REPAIR, queue=row.queue)
