"""Tasks of workers that are gone: put back on their queues, where a living worker finds them."""

import logging
from collections.abc import Sequence

import sqlalchemy as sa
from dbos import DBOS

import db
from services.engine import records, wakeup, workers

log = logging.getLogger(__name__)


def take_over(queues: Sequence[str]) -> int:
    """Put the tasks of these queues that workers no longer alive hold back on them; how many.

    Looks at who holds tasks rather than at which workers are overdue: a worker whose row is already gone can hold one
    too. The engine hands a task back only if it still belongs to the dead, so any number of workers may do this.
    """
    table = records.workflow_table()
    with db.snapshot() as session:
        holders = session.scalars(
            sa.select(table.c.executor_id).where(table.c.status == "PENDING", table.c.queue_name.in_(queues)).distinct()
        ).all()
        dead = sorted(set(holders) - workers.alive_ids(session)) if holders else []
    if not dead:
        return 0
    handles = DBOS._recover_pending_workflows(dead)
    if handles:
        _wake(queues)
        log.warning("took over %s tasks of workers that are gone", len(handles))
    return len(handles)


def hand_back(worker_id: str, queues: Sequence[str]) -> None:
    """Put back what this worker, about to end, still holds."""
    if DBOS._recover_pending_workflows([worker_id]):
        _wake(queues)


def _wake(queues: Sequence[str]) -> None:
    with db.transaction() as session:
        for name in queues:
            wakeup.notify(session, name)
