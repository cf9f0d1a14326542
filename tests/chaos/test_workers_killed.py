"""Workers die and freeze at bad moments: every job still ends exactly once, and every credit is accounted for."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

import db
from config import Settings
from db.models.engine import Worker
from db.models.jobs import Job, JobStatus
from services import bootstrap, credits
from services.accounts.api_keys import create_api_key
from services.jobs import submission
from tests.e2e.conftest import Server, running_server
from tests.support.job_pictures import TINY_ENHANCE, picture, shop_owner
from tests.support.job_proofs import assert_every_job_ended_once, some_open
from tests.support.job_workers import WorkerProgram, statuses, wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(480)]

JOBS = 40
SOAK = pytest.mark.soak


class Crew:
    """Some workers, of which one after the other is killed at its work and replaced."""

    def __init__(self, settings: Settings, size: int) -> None:
        self.settings = settings
        self.workers = [self.new_worker() for _ in range(size)]

    def new_worker(self) -> WorkerProgram:
        return WorkerProgram(self.settings)

    def kill_one_at_work(self) -> bool:
        """Kill a worker that has a job in hand, and start another in its place; False if every job ended before."""
        deadline = time.monotonic() + 120
        while some_open():
            assert time.monotonic() < deadline, "no worker was at work for two minutes"
            time.sleep(random.uniform(0, 0.1))
            if caught := self._at_work():
                self.workers[caught[0]].kill()
                self.workers[caught[0]] = self.new_worker()
                return True
        return False

    def _at_work(self) -> list[int]:
        with db.snapshot() as session:
            pids = session.exec(
                select(Worker.pid)
                .join(Job, col(Job.worker_id) == col(Worker.id))
                .where(Job.status == JobStatus.RUNNING)
            ).all()
        return [index for index, worker in enumerate(self.workers) if worker.process.pid in pids]

    def end(self) -> None:
        for worker in self.workers:
            worker.end()


@pytest.fixture
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Settings, int]]:
    """Settings and number of workers: one on SQLite, three on PostgreSQL. Each test says on which of them it runs."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    yield bootstrap.start(_settings(url, tmp_path)), 1 if request.param == "sqlite" else 3
    bootstrap.stop()


def _settings(url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=url,
        data_dir=tmp_path / "data",
        worker_dead_after_seconds=2,
        _env_file=None,  # type: ignore[call-arg]
    )


def running() -> bool:
    return JobStatus.RUNNING in statuses().values()


@pytest.mark.parametrize(
    ("installation", "jobs_sent", "kills"),
    [
        ("postgresql", 12, 2),
        pytest.param("postgresql", JOBS, 6, marks=SOAK),
        pytest.param("sqlite", JOBS, 6, marks=SOAK),
    ],
    indirect=["installation"],
)
def test_jobs_end_once_while_workers_are_killed_and_the_app_restarts(
    installation: tuple[Settings, int], jobs_sent: int, kills: int
) -> None:
    settings, size = installation
    owner = shop_owner(credits=5 * JOBS)
    photo = picture(owner, side=240)
    before = credits.balance(owner).available
    key = create_api_key(owner, "chaos", ["read", "write"]).secret
    crew = Crew(settings, size)
    try:
        with ExitStack() as apps:
            app = apps.enter_context(_app(settings))
            for kill in range(kills):
                _submit_over_http(app, key, photo, jobs_sent // kills + 1)
                while not crew.kill_one_at_work():
                    _submit_over_http(app, key, photo, 3)
                if kill == kills // 2 - 1:
                    app.process.kill()
                    app = apps.enter_context(_app(settings))
            wait_until(lambda: not some_open(), 90, "all jobs to end")
    finally:
        crew.end()
    assert len(statuses()) >= jobs_sent
    assert_every_job_ended_once(owner, len(statuses()), before)


def _app(settings: Settings) -> AbstractContextManager[Server]:
    """The web server, without a worker of its own."""
    return running_server(settings.data_dir, database_url=settings.database_url, embedded_worker="0")


def _submit_over_http(app: Server, key: str, photo: str, count: int) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=app.url, headers=headers, timeout=60) as client:
        for _ in range(count):
            body = {"asset_ids": [photo], "recipe": TINY_ENHANCE}
            client.post("/api/v1/jobs", json=body).raise_for_status()


@pytest.mark.parametrize("installation", ["sqlite", pytest.param("postgresql", marks=SOAK)], indirect=True)
def test_a_frozen_worker_that_wakes_after_the_take_over_ends_nothing_twice(
    installation: tuple[Settings, int],
) -> None:
    settings, _ = installation
    owner = shop_owner(credits=5 * JOBS)
    photo = picture(owner, side=900)
    before = credits.balance(owner).available
    frozen, other = WorkerProgram(settings), None
    try:
        held = _freeze_with_a_job(frozen, lambda: submission.submit_many(owner, TINY_ENHANCE, [photo] * 12))
        other = WorkerProgram(settings)
        wait_until(lambda: statuses()[held] == JobStatus.SUCCEEDED, 90, "the job to be taken over")
        frozen.wake()
        wait_until(lambda: not some_open(), 90, "all jobs to end")
        time.sleep(1.5)  # what the woken worker still has in hand
        assert frozen.drain() == 0
    finally:
        frozen.end()
        if other is not None:
            other.end()
    assert_every_job_ended_once(owner, len(statuses()), before)
    with db.snapshot() as session:
        assert session.exec(select(Job.attempts).where(Job.id == held)).one() >= 2


def _freeze_with_a_job(worker: WorkerProgram, submit_some: Callable[[], object]) -> str:
    """Freeze a worker while it works on a job and holds no lock that others wait for; that job's id."""
    for _ in range(20):
        if not some_open():
            submit_some()
        wait_until(lambda: running() or not some_open(), 60, "a job to run")
        worker.freeze()
        time.sleep(0.05)
        at_work = [job_id for job_id, status in statuses().items() if status == JobStatus.RUNNING]
        if at_work and _is_writable():
            return at_work[0]
        worker.wake()
        time.sleep(0.1)
    raise AssertionError("the worker was never caught at its work")


def _is_writable() -> bool:
    if db.engine().dialect.name != "sqlite":
        return True
    quick = sa.create_engine(db.engine().url, connect_args={"timeout": 0.3})
    try:
        with quick.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.rollback()
    except OperationalError:
        return False
    finally:
        quick.dispose()
    return True
