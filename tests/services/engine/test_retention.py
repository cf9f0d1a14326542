"""The engine's records go after a while, and only then."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import SQLAlchemyDatasource

import db
from config import Settings
from db import clock
from db.models.engine import Worker
from services.engine import client, records, retention


def enqueued(count: int) -> list[str]:
    ids = [f"work_{number}" for number in range(count)]
    client.client()
    with db.transaction() as session:
        for each in ids:
            client.enqueue(session, "anything", each, queue="anywhere")
    return ids


def set_in_engine(workflow_id: str, **values: Any) -> None:
    table = records.workflow_table()
    columns = sa.table(table.name, *(sa.column(name) for name in ("workflow_uuid", *values)), schema=table.schema)
    with db.transaction() as session:
        session.execute(sa.update(columns).where(columns.c.workflow_uuid == workflow_id).values(**values))


def states() -> dict[str, str]:
    table = records.workflow_table()
    with db.snapshot() as session:
        return {row[0]: row[1] for row in session.execute(sa.select(table.c.workflow_uuid, table.c.status))}


def test_the_engine_forgets_work_that_ended_long_ago_and_no_other(vitrine: Settings) -> None:
    old, recent, waiting = enqueued(3)
    days = vitrine.job_retention_days
    for workflow_id, age in ((old, days + 1), (recent, days - 1)):
        ended_at = clock.now() - timedelta(days=age)
        set_in_engine(workflow_id, status="SUCCESS", completed_at=int(ended_at.timestamp() * 1000))
    SQLAlchemyDatasource.migrate(vitrine.database_url)
    commits = records.commit_table()
    step = sa.table(commits.name, *(sa.column(name) for name in ("workflow_id", "step_id")), schema=commits.schema)
    with db.transaction() as session:
        session.execute(sa.insert(step), [{"workflow_id": each, "step_id": 2} for each in (old, recent)])
        long_ago = clock.now() - timedelta(hours=1)
        for id, seen_at in (("wrk_gone", long_ago), ("wrk_here", clock.now())):
            session.add(Worker(id=id, hostname="h", pid=1, version="1", concurrency=1, seen_at=seen_at))

    assert retention.sweep() == 1
    assert states() == {recent: "SUCCESS", waiting: "ENQUEUED"}
    with db.snapshot() as session:
        assert session.scalars(sa.select(commits.c.workflow_id)).all() == [recent]
        assert session.scalars(sa.select(Worker.id)).all() == ["wrk_here"]  # type: ignore[call-overload]
    assert retention.sweep() == 0


def test_more_old_work_than_one_batch_is_all_forgotten(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_BATCH", 2)
    SQLAlchemyDatasource.migrate(vitrine_sqlite.database_url)
    for workflow_id in enqueued(5):
        set_in_engine(workflow_id, status="ERROR", completed_at=1)
    assert retention.sweep() == 5
