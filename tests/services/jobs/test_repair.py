"""Jobs that the engine lost or left behind are put right; its records go after a while, and only then."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import SQLAlchemyDatasource
from pydantic import SecretStr

import config
import db
from config import Settings
from db import clock
from db.models.jobs import JobStatus, Worker
from services import credits
from services.accounts.actor import Actor
from services.jobs import engine, jobs, repair
from services.notifications import inbox
from tests.support.job_pictures import TINY_ENHANCE, picture


def state_in_engine(run_id: str) -> str | None:
    table = engine.workflow_table()
    with db.snapshot() as session:
        found: str | None = session.scalar(sa.select(table.c.status).where(table.c.workflow_uuid == run_id))
        return found


def set_in_engine(run_id: str, **values: Any) -> None:
    table = engine.workflow_table()
    columns = sa.table(table.name, *(sa.column(name) for name in ("workflow_uuid", *values)), schema=table.schema)
    with db.transaction() as session:
        session.execute(sa.update(columns).where(columns.c.workflow_uuid == run_id).values(**values))


def lose_in_engine(run_id: str) -> None:
    table = engine.workflow_table()
    with db.transaction() as session:
        session.execute(sa.delete(table).where(table.c.workflow_uuid == run_id))


def balance(owner: Actor) -> tuple[int, int]:
    found = credits.balance(owner)
    return found.available, found.held


def test_a_job_the_engine_does_not_know_is_queued_again_with_its_credits_still_held(owner: Actor) -> None:
    photo = picture(owner)
    lost, living = (jobs.submit(owner, TINY_ENHANCE, [photo]).id for _ in range(2))
    lose_in_engine(lost)

    assert repair.repair_stuck() == 0, "it may be on its way: give it time"
    clock.travel(timedelta(seconds=20))
    assert repair.repair_stuck() == 1
    assert (state_in_engine(lost), state_in_engine(living)) == ("ENQUEUED", "ENQUEUED")
    assert jobs.get_job(owner, lost).status == JobStatus.QUEUED
    assert balance(owner) == (11, 2)
    assert repair.repair_stuck() == 0
    assert credits.verify_ledger() == []


def test_a_job_that_asks_a_provider_goes_back_to_the_providers_queue(owner: Actor, vitrine: Settings) -> None:
    config.configure(vitrine.model_copy(update={"gemini_api_key": SecretStr("a-key")}))
    job = jobs.submit(owner, {"steps": [{"op": "restyle"}]}, [picture(owner)])
    lose_in_engine(job.id)
    clock.travel(timedelta(seconds=20))
    assert repair.repair_stuck() == 1
    table = engine.workflow_table()
    with db.snapshot() as session:
        queue = session.scalar(sa.select(table.c.queue_name).where(table.c.workflow_uuid == job.id))
    assert queue == engine.PROVIDER_QUEUE


@pytest.mark.parametrize("ending", ["ERROR", "CANCELLED", "SUCCESS"])
def test_a_job_the_engine_has_ended_without_telling_fails_and_its_credits_come_back(owner: Actor, ending: str) -> None:
    job = jobs.submit(owner, TINY_ENHANCE, [picture(owner)])
    set_in_engine(job.id, status=ending)
    clock.travel(timedelta(seconds=20))

    assert repair.repair_stuck() == 1
    failed = jobs.get_job(owner, job.id)
    assert failed.status == JobStatus.FAILED
    assert failed.error is not None and (failed.error.code, failed.error.retryable) == ("internal", True)
    assert balance(owner) == (13, 0)
    assert [one.kind for one in inbox.list_notifications(owner).items] == ["job.failed"]
    assert repair.repair_stuck() == 0
    assert credits.verify_ledger() == []


def test_a_later_run_of_a_job_is_looked_up_under_its_own_id(owner_sqlite: Actor) -> None:
    job = jobs.submit(owner_sqlite, TINY_ENHANCE, [picture(owner_sqlite)])
    jobs.cancel_job(owner_sqlite, job.id)
    jobs.retry_job(owner_sqlite, job.id)
    clock.travel(timedelta(seconds=20))
    assert repair.repair_stuck() == 0, "its first run has ended in the engine, its second waits"

    lose_in_engine(f"{job.id}/2")
    assert repair.repair_stuck() == 1
    assert state_in_engine(f"{job.id}/2") == "ENQUEUED"
    assert balance(owner_sqlite) == (12, 1)


def test_the_engine_forgets_runs_that_ended_long_ago_and_no_others(owner: Actor, vitrine: Settings) -> None:
    photo = picture(owner)
    old, recent, waiting = (jobs.submit(owner, TINY_ENHANCE, [photo]).id for _ in range(3))
    days = vitrine.job_retention_days
    for run_id, age in ((old, days + 1), (recent, days - 1)):
        ended_at = clock.now() - timedelta(days=age)
        set_in_engine(run_id, status="SUCCESS", completed_at=int(ended_at.timestamp() * 1000))
    SQLAlchemyDatasource.migrate(vitrine.database_url)
    ends = engine.end_table()
    step = sa.table(ends.name, *(sa.column(name) for name in ("workflow_id", "step_id")), schema=ends.schema)
    with db.transaction() as session:
        session.execute(sa.insert(step), [{"workflow_id": run_id, "step_id": 2} for run_id in (old, recent)])
        long_ago = clock.now() - timedelta(hours=1)
        for id, seen_at in (("wrk_gone", long_ago), ("wrk_here", clock.now())):
            session.add(Worker(id=id, hostname="h", pid=1, version="1", concurrency=1, seen_at=seen_at))

    assert repair.sweep_engine() == 1
    assert [state_in_engine(run_id) for run_id in (old, recent, waiting)] == [None, "SUCCESS", "ENQUEUED"]
    with db.snapshot() as session:
        assert session.scalars(sa.select(ends.c.workflow_id)).all() == [recent]
        assert session.scalars(sa.select(Worker.id)).all() == ["wrk_here"]  # type: ignore[call-overload]
    assert jobs.get_job(owner, old).id == old, "the job itself is the person's and stays"
    assert repair.sweep_engine() == 0


def test_more_old_runs_than_one_batch_are_all_forgotten(
    owner_sqlite: Actor, vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "_BATCH", 2)
    SQLAlchemyDatasource.migrate(vitrine_sqlite.database_url)
    for job in jobs.submit_many(owner_sqlite, TINY_ENHANCE, [picture(owner_sqlite)] * 5):
        set_in_engine(job.id, status="ERROR", completed_at=1)
    assert repair.sweep_engine() == 5
