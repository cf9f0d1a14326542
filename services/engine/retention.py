"""Records that nobody needs any more: the engine keeps its own for ever."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa

import db
from config import settings
from db.clock import now
from services.engine import client, records, workers
from services.engine.schedules import Schedule

_BATCH = 500


def sweep() -> int:
    """Delete the engine's records of workflows that ended longer ago than `job_retention_days`; how many."""
    table = records.workflow_table()
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
    commits = records.commit_table()
    with db.transaction() as session:
        session.execute(sa.delete(commits).where(commits.c.workflow_id.in_(ids)))
    client.forget(list(ids))  # last: should we die before it, the next sweep finds these workflows again


SCHEDULE = Schedule("engine_retention", every=timedelta(hours=1), run=sweep)
