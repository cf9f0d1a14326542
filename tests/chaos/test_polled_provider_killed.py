"""A worker is killed between the submission to a provider and the first poll: the next one polls the same job."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

import db
from config import Settings
from db.models.jobs import JobStatus
from db.models.providers import CallStatus, ProviderCall
from services import bootstrap, credits
from services.jobs import reading, submission
from services.studio.operations import registry as operations
from services.studio.providers import registry as providers
from tests.fakes.queued_vendor import KEY, FakeVendor, fake_vendor
from tests.support.extension_sketch import QueuedSettings
from tests.support.job_pictures import picture, shop_owner
from tests.support.job_workers import running_worker, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(120)]
EXTENSION = "tests.support.extension_sketch"


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    with fake_vendor(script=["running"]) as fake:
        yield fake


@pytest.fixture
def installation(postgres_url: str, tmp_path: Path, vendor: FakeVendor) -> Iterator[Settings]:
    yield bootstrap.start(
        Settings(
            database_url=postgres_url,
            data_dir=tmp_path / "data",
            extensions=EXTENSION,
            providers=(QueuedSettings(api_key=SecretStr(KEY), base_url=vendor.url),),
            _env_file=None,  # type: ignore[call-arg]
        )
    )
    bootstrap.stop()
    operations.reset(())
    providers.reset(())


def test_a_job_that_a_killed_worker_had_submitted_is_polled_and_never_submitted_again(
    installation: Settings, vendor: FakeVendor
) -> None:
    environment = {
        "VITRINE_EXTENSIONS": EXTENSION,
        "VITRINE_QUEUED_API_KEY": KEY,
        "VITRINE_QUEUED_BASE_URL": vendor.url,
        "VITRINE_WORKER_DEAD_AFTER_SECONDS": "1",
        "VITRINE_WORKER_HEARTBEAT_SECONDS": "0.25",
    }
    owner = shop_owner()
    before = credits.balance(owner).available
    photo = picture(owner, side=600)
    with running_worker(installation, **environment) as first:
        job = submission.submit(owner, {"steps": [{"op": "sketch"}, {"op": "resize", "params": {"width": 300}}]}, photo)
        wait_until(lambda: [row.vendor_id for row in calls()] == ["vendor-job-1"], 30, "the submission")
        first.kill()
    assert vendor.polls == [], "the worker was killed too late"
    with running_worker(installation, **environment):
        wait_until(lambda: reading.get_job(owner, job.id).ended, 30, "the job to end")
    done = reading.get_job(owner, job.id)
    assert done.status == JobStatus.SUCCEEDED, done.error
    assert done.attempts == 2
    assert len(vendor.submissions) == 1, "it was paid for twice"
    assert vendor.polls == ["vendor-job-1"] * 2
    (call,) = calls()
    assert (call.status, call.attempt, call.cost_micros) == (CallStatus.SUCCEEDED, 1, 21_000)
    assert before - credits.balance(owner).available == done.credits_charged == 3
    assert credits.balance(owner).held == 0 and credits.verify_ledger() == []
    assert vendor.faults == []


def calls() -> list[ProviderCall]:
    with db.snapshot() as session:
        return list(session.exec(select(ProviderCall)).all())
