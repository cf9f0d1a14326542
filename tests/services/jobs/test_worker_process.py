"""A real worker process: how it ends."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

import db
from config import Settings
from db.models.engine import Worker
from db.models.jobs import Job, JobStatus
from services import credits
from services.accounts.actor import Actor
from services.engine import records
from services.jobs import submission
from tests.support.job_pictures import TINY_ENHANCE, picture
from tests.support.job_workers import ROOT, running_worker, statuses, wait_until

pytestmark = pytest.mark.timeout(240)

JOBS = 8


def test_a_worker_told_to_stop_finishes_what_runs_takes_nothing_new_and_exits_with_0(
    owner_sqlite: Actor, vitrine_sqlite: Settings
) -> None:
    with running_worker(vitrine_sqlite) as worker:
        submission.submit_many(owner_sqlite, TINY_ENHANCE, [picture(owner_sqlite, side=1600)] * JOBS)
        wait_until(lambda: JobStatus.RUNNING in statuses().values(), 90, "a job to run")
        before = dict(statuses())
        assert worker.drain(90) == 0

    table = records.workflow_table()
    with db.snapshot() as session:
        after = {job.id: job for job in session.exec(select(Job)).all()}
        in_engine = {row[0]: row[1] for row in session.execute(sa.select(table.c.workflow_uuid, table.c.status))}
        assert session.exec(select(Worker.id)).all() == []
    done = {id for id, job in after.items() if job.status == JobStatus.SUCCEEDED}
    waiting = {id for id, job in after.items() if job.status == JobStatus.QUEUED}
    assert done | waiting == set(after), "nothing is left in between"
    assert {id for id, status in before.items() if status != JobStatus.QUEUED} <= done
    assert waiting, "it went on taking jobs"
    assert {after[id].attempts for id in done} == {1}
    assert {after[id].attempts for id in waiting} == {0}
    assert {in_engine[id] for id in waiting} == {"ENQUEUED"}, "another worker can take them at once"
    balance = credits.balance(owner_sqlite)
    assert (balance.available, balance.held) == (13 - JOBS, len(waiting))
    assert credits.verify_ledger() == []


PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, sys.argv[1], "--no-migrate", "--parent", str(os.getpid())])
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.chaos
def test_a_worker_ends_in_good_order_when_the_app_that_started_it_is_killed(vitrine_sqlite: Settings) -> None:
    environment = {
        **os.environ,
        "VITRINE_DATABASE_URL": vitrine_sqlite.database_url,
        "VITRINE_DATA_DIR": str(vitrine_sqlite.data_dir),
        "VITRINE_WORKER_HEARTBEAT_SECONDS": "0.2",
    }
    command = [sys.executable, "-c", PARENT, str(ROOT / "worker.py")]
    app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert app.stdout is not None
    worker = int(app.stdout.readline())
    try:
        wait_until(lambda: _known_pids() == [worker], 90, "the worker to start")
        app.kill()
        app.wait()
        wait_until(lambda: _known_pids() == [], 60, "the worker to take leave")
        wait_until(lambda: not _runs(worker), 60, "the worker to end")
    finally:
        app.kill()
        app.stdout.close()
        if _runs(worker):
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def _known_pids() -> list[int]:
    with db.snapshot() as session:
        return list(session.exec(select(Worker.pid)).all())


def _runs(pid: int) -> bool:
    """Whether the process is there and not just waiting for someone to read its exit code."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_worker_that_hardly_polls_does_all_that_comes_and_one_job_after_the_other(
    owner: Actor, vitrine: Settings
) -> None:
    """Wake-ups alone: for the first job, for those that wait until there is room, and after a pause."""
    photo = picture(owner)
    waiting = submission.submit(owner, TINY_ENHANCE, photo)
    with running_worker(vitrine, VITRINE_WORKER_POLL_SECONDS="600"):
        wait_until(lambda: statuses()[waiting.id] == JobStatus.SUCCEEDED, 90, "the job that waited already")
        submission.submit_many(owner, TINY_ENHANCE, [photo] * 6)
        wait_until(lambda: set(statuses().values()) == {JobStatus.SUCCEEDED}, 90, "all jobs of a batch")
        submission.submit(owner, TINY_ENHANCE, photo)
        wait_until(lambda: set(statuses().values()) == {JobStatus.SUCCEEDED}, 90, "one more")


@pytest.mark.parametrize("database_url", ["postgresql", pytest.param("sqlite", marks=pytest.mark.chaos)], indirect=True)
def test_what_a_stopping_worker_hands_back_wakes_the_other(owner: Actor, vitrine: Settings) -> None:
    photo = picture(owner, side=1600)
    with running_worker(vitrine, VITRINE_WORKER_POLL_SECONDS="600") as first:
        submission.submit_many(owner, TINY_ENHANCE, [photo] * 6)
        wait_until(lambda: JobStatus.RUNNING in statuses().values(), 90, "a job to run")
        with running_worker(vitrine, VITRINE_WORKER_POLL_SECONDS="600"):
            assert first.drain(90) == 0
            wait_until(lambda: set(statuses().values()) == {JobStatus.SUCCEEDED}, 90, "the other to do the rest")
