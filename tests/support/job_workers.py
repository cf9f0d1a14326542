"""Workers for tests: one inside the test process, and real processes to be killed, frozen and drained."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session, col, select

import db
from config import Settings
from db.models.engine import Worker
from db.models.jobs import Job, JobStatus
from services.engine.checkpoints import keep
from services.engine.slots import Slots
from services.jobs import settlement
from services.jobs.run.progress import Reporter
from services.jobs.run.rendering import render
from services.jobs.run.running import Render, Runner

Made = TypeVar("Made")
ROOT = Path(__file__).parents[2]


class InlineCheckpoints:
    """Keeps nothing and waits for nothing, but notes what would have been waited, in seconds."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def once(self, name: str, part: Callable[[], Made], undo: Callable[[Made], None] = keep) -> Made:
        return part()

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def transaction(self, name: str, part: Callable[[Session], Made], cancelled: Callable[[], None]) -> Made:
        with db.transaction() as session:
            return part(session)


class InlineWorker:
    """Runs queued jobs in the calling thread with the worker's own code, in the queue's order, without the engine."""

    def __init__(self, render: Render = render) -> None:
        self._reporter = Reporter()
        self._slots = Slots(1)
        self._runner = Runner("inline", self._reporter, render)
        self.checkpoints = InlineCheckpoints()

    def run_all(self, retries: int = 1) -> int:
        """Run until the queue is empty; how many jobs."""
        count = 0
        while (job := self._next()) is not None:
            self.run(job.id, job.run, retries)
            count += 1
        return count

    def run(self, job_id: str, run: int = 1, retries: int = 1) -> bool:
        """Run one; whether it was ended here."""
        with self._slots.enter() as slot:
            outcome = self._runner.run(job_id, run, retries, slot, self.checkpoints)
        if outcome is None:
            return False
        with db.transaction() as session:
            return settlement.end(session, job_id, run, outcome)

    def close(self) -> None:
        self._reporter.close()

    def _next(self) -> Job | None:
        with db.snapshot() as session:
            return session.exec(
                select(Job)
                .where(Job.status == JobStatus.QUEUED)
                .order_by(col(Job.priority), col(Job.queued_at), col(Job.id))
            ).first()


class WorkerProgram:
    """One `python worker.py` on the settings of the test, or another program that is a worker."""

    def __init__(
        self, settings: Settings, program: Sequence[str] = ("worker.py", "--no-migrate"), **environment: str
    ) -> None:
        storage = {"VITRINE_STORAGE_URL": settings.storage_url, "VITRINE_DATA_DIR": str(settings.data_dir)}
        if settings.s3_endpoint_url and settings.s3_access_key_id and settings.s3_secret_access_key:
            storage |= {
                "VITRINE_S3_ENDPOINT_URL": settings.s3_endpoint_url,
                "VITRINE_S3_ACCESS_KEY_ID": settings.s3_access_key_id,
                "VITRINE_S3_SECRET_ACCESS_KEY": settings.s3_secret_access_key.get_secret_value(),
            }
        defaults = {
            "VITRINE_WORKER_DEAD_AFTER_SECONDS": "2",
            "VITRINE_WORKER_HEARTBEAT_SECONDS": "0.4",
            "VITRINE_CUTOUT_MODEL": "built-in",
            "VITRINE_DATABASE_URL": settings.database_url,
        }
        # one that is killed writes no coverage down, and to collect it takes most of its start
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
        self.log = settings.data_dir / f"worker-{time.monotonic_ns()}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, *program],
                cwd=ROOT,
                env={**inherited, **storage, **defaults, **environment},
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    def wait_until_alive(self, timeout: float = 60) -> None:
        """Wait for its first heartbeat."""

        def beaten() -> bool:
            assert self.process.poll() is None, self.log.read_text()
            with db.snapshot() as session:
                return session.exec(select(Worker.id).where(Worker.pid == self.process.pid)).first() is not None

        wait_until(beaten, timeout, "the worker to start")

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def drain(self, timeout: float = 60) -> int:
        """SIGTERM; the exit code once it has ended."""
        self.process.terminate()
        return self.process.wait(timeout)

    def end(self) -> None:
        """However it is now: gone."""
        if self.process.poll() is None:
            self.wake()
            self.kill()


@contextmanager
def running_worker(settings: Settings, **environment: str) -> Iterator[WorkerProgram]:
    """A worker process for the block."""
    worker = WorkerProgram(settings, **environment)
    try:
        worker.wait_until_alive()
        yield worker
    finally:
        worker.end()


def wait_until(true, timeout: float, what: str) -> None:  # type: ignore[no-untyped-def]
    """Wait until `true()` is; fails the test after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, f"waited {timeout} s in vain for {what}"
        time.sleep(0.03)


def statuses() -> Mapping[str, str]:
    """The status of every job."""
    with db.snapshot() as session:
        return {row[0]: row[1] for row in session.exec(select(Job.id, Job.status))}
