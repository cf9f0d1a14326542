"""Workers are killed while they wait for a provider, and at any other moment: nobody is charged twice, and the provider
is never called more often than the attempts written down say."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

import db
from config import Settings
from db.models.jobs import Job, JobStatus
from db.models.providers import CallStatus, ProviderCall
from services import bootstrap, credits
from services.jobs import reading, submission
from services.studio.providers.gemini import GeminiSettings
from tests.chaos.test_workers_killed import Crew
from tests.fakes.gemini import KEY, FakeGemini, fake_gemini
from tests.support.forked_workers import ForkedWorker
from tests.support.job_pictures import picture, shop_owner
from tests.support.job_proofs import assert_every_job_ended_once, ended, some_open
from tests.support.job_workers import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

JOBS = 12
MIXED = {
    "steps": [{"op": "rotate", "params": {"angle": 90}}, {"op": "restyle"}, {"op": "resize", "params": {"width": 400}}]
}


@pytest.fixture
def google() -> Iterator[FakeGemini]:
    with fake_gemini(pause=0.3) as fake:
        yield fake


@pytest.fixture
def installation(postgres_url: str, tmp_path: Path, google: FakeGemini) -> Iterator[Settings]:
    """PostgreSQL, where several workers share the jobs."""
    settings = Settings(
        database_url=postgres_url,
        data_dir=tmp_path / "data",
        providers=(GeminiSettings(api_key=SecretStr(KEY), base_url=google.url, timeout_seconds=5),),
        cutout_model="built-in",
        worker_heartbeat_seconds=0.25,
        worker_dead_after_seconds=1,
        _env_file=None,  # type: ignore[call-arg]
    )
    yield bootstrap.start(settings)
    bootstrap.stop()


class ForkedCrew(Crew):
    """Workers that are back at work a moment after one was killed."""

    def new_worker(self) -> ForkedWorker:  # type: ignore[override]
        return ForkedWorker(self.settings)


# fewer kills than the starts after which a job is given up: the same one may be at work at each of them
@pytest.mark.parametrize("kills", [4, pytest.param(10, marks=pytest.mark.soak)])
def test_no_job_is_charged_twice_and_no_call_is_made_that_was_not_written_down(
    installation: Settings, google: FakeGemini, kills: int
) -> None:
    owner = shop_owner(credits=100, tier="paid")
    photo = picture(owner, side=600)
    before = credits.balance(owner).available
    google.script = random.Random(7).choices(["picture", "unavailable", "dropped"], [8, 1, 1], k=JOBS)
    crew = ForkedCrew(installation, 3)
    try:
        submitted = submission.submit_many(owner, MIXED, [photo] * JOBS)
        for kill in range(kills):
            if ended() >= len(submitted) - 3:
                submitted += submission.submit_many(owner, MIXED, [photo] * 4)
            if kill % 4:  # three of four while the provider has a request in hand
                wait_until(lambda: google.in_hand > 0 or not some_open(), 60, "a request")
            while not crew.kill_one_at_work():
                submitted += submission.submit_many(owner, MIXED, [photo] * 4)
        wait_until(lambda: ended() == len(submitted), 90, "all jobs to end")
        time.sleep(0.3)  # a call that a killed worker had sent may still be on its way
    finally:
        crew.end()
    assert google.faults == []
    assert_every_job_ended_once(owner, len(submitted), before)
    with db.snapshot() as session:
        calls = session.exec(select(ProviderCall)).all()
        started = dict(session.exec(select(Job.id, Job.attempts)).all())
    assert google.requests <= len(calls), "the provider was called without a record of it"
    for job in submitted:
        mine = [call for call in calls if call.job_id == job.id]
        answers = [call.finished_at for call in mine if call.status == CallStatus.SUCCEEDED and call.finished_at]
        # on a busy machine a worker may be taken for dead while its request is in hand: then two may be answered
        assert answers, "a job that succeeded has no answer"
        assert all(call.created_at <= min(answers) for call in mine), "an answer was asked for again"
    interrupted = [call for call in calls if call.status == CallStatus.UNKNOWN and call.error_code is None]
    assert len(interrupted) >= kills // 7 + 1, "no worker died while it waited for the provider"
    assert max(started.values()) >= 2
    numbers = {job.id: sorted(call.attempt for call in calls if call.job_id == job.id) for job in submitted}
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert JobStatus.SUCCEEDED in {job.status for job in reading.list_jobs(owner).items}
