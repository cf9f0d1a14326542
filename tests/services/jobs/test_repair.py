"""Jobs that the engine lost or left behind are put right; its records go after a while, and only then."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import config
import db
from config import Settings
from db import clock
from db.models.jobs import JobStatus
from services import credits
from services.accounts.actor import Actor
from services.engine import records
from services.jobs import cancellation, queues, reading, repair, submission
from services.studio.providers.gemini import GeminiSettings
from tests.support.event_log import kinds
from tests.support.job_pictures import TINY_ENHANCE, picture


def state_in_engine(run_id: str) -> str | None:
    table = records.workflow_table()
    with db.snapshot() as session:
        found: str | None = session.scalar(sa.select(table.c.status).where(table.c.workflow_uuid == run_id))
        return found


def set_in_engine(run_id: str, **values: Any) -> None:
    table = records.workflow_table()
    columns = sa.table(table.name, *(sa.column(name) for name in ("workflow_uuid", *values)), schema=table.schema)
    with db.transaction() as session:
        session.execute(sa.update(columns).where(columns.c.workflow_uuid == run_id).values(**values))


def lose_in_engine(run_id: str) -> None:
    table = records.workflow_table()
    with db.transaction() as session:
        session.execute(sa.delete(table).where(table.c.workflow_uuid == run_id))


def balance(owner: Actor) -> tuple[int, int]:
    found = credits.balance(owner)
    return found.available, found.held


def test_a_job_the_engine_does_not_know_is_queued_again_with_its_credits_still_held(owner: Actor) -> None:
    photo = picture(owner)
    lost, living = (submission.submit(owner, TINY_ENHANCE, photo).id for _ in range(2))
    lose_in_engine(lost)

    assert repair.repair_stuck() == 0, "it may be on its way: give it time"
    clock.travel(timedelta(seconds=20))
    assert repair.repair_stuck() == 1
    assert (state_in_engine(lost), state_in_engine(living)) == ("ENQUEUED", "ENQUEUED")
    assert reading.get_job(owner, lost).status == JobStatus.QUEUED
    assert balance(owner) == (11, 2)
    assert repair.repair_stuck() == 0
    assert credits.verify_ledger() == []


def test_a_job_that_asks_a_provider_goes_back_to_the_providers_queue(owner: Actor, vitrine: Settings) -> None:
    config.configure(vitrine.model_copy(update={"providers": (GeminiSettings(api_key=SecretStr("a-key")),)}))
    job = submission.submit(owner, {"steps": [{"op": "restyle"}]}, picture(owner))
    lose_in_engine(job.id)
    clock.travel(timedelta(seconds=20))
    assert repair.repair_stuck() == 1
    table = records.workflow_table()
    with db.snapshot() as session:
        queue = session.scalar(sa.select(table.c.queue_name).where(table.c.workflow_uuid == job.id))
    assert queue == queues.PROVIDERS.name


@pytest.mark.parametrize("ending", ["ERROR", "CANCELLED", "SUCCESS"])
def test_a_job_the_engine_has_ended_without_telling_fails_and_its_credits_come_back(owner: Actor, ending: str) -> None:
    job = submission.submit(owner, TINY_ENHANCE, picture(owner))
    set_in_engine(job.id, status=ending)
    clock.travel(timedelta(seconds=20))

    assert repair.repair_stuck() == 1
    failed = reading.get_job(owner, job.id)
    assert failed.status == JobStatus.FAILED
    assert failed.error is not None and (failed.error.code, failed.error.retryable) == ("internal", True)
    assert balance(owner) == (13, 0)
    assert kinds(of=owner)[1:] == ["job.failed"]
    assert repair.repair_stuck() == 0
    assert credits.verify_ledger() == []


def test_a_later_run_of_a_job_is_looked_up_under_its_own_id(owner_sqlite: Actor) -> None:
    job = submission.submit(owner_sqlite, TINY_ENHANCE, picture(owner_sqlite))
    cancellation.cancel_job(owner_sqlite, job.id)
    submission.retry_job(owner_sqlite, job.id)
    clock.travel(timedelta(seconds=20))
    assert repair.repair_stuck() == 0, "its first run has ended in the engine, its second waits"

    lose_in_engine(f"{job.id}/2")
    assert repair.repair_stuck() == 1
    assert state_in_engine(f"{job.id}/2") == "ENQUEUED"
    assert balance(owner_sqlite) == (12, 1)
