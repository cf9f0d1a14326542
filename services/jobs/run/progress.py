"""Progress of the jobs that this worker runs, written to their rows now and then by one thread of its own.

The pixels never wait for the database: a job sets its latest stage and share in memory. In the other direction the
thread notices that a job was cancelled, or taken over by another worker, and tells the job to stop.
"""

import logging
import threading
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

import db
from db.models.jobs import Job, JobStatus
from services.jobs.settlement import Start

log = logging.getLogger(__name__)

WRITE_EVERY_SECONDS = 0.5
"""Twice in the second after which a screen looks again."""


@dataclass
class Tracked:
    """One running job: what to write next, and whether to stop."""

    start: Start
    stage: str = "starting"
    share: float = 0.0
    written: tuple[str, float] = ("starting", 0.0)
    stopped: bool = False

    def report(self, stage: str, share: float) -> None:
        """Remember the stage and the share done, 0..1."""
        self.stage, self.share = stage, share

    def cancelled(self) -> bool:
        """Whether the work is no longer wanted."""
        return self.stopped


class Reporter:
    """The thread that writes."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[str, int], Tracked] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._tracking = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def track(self, start: Start) -> Tracked:
        tracked = Tracked(start)
        with self._lock:
            self._jobs[start.job_id, start.attempt] = tracked
            self._tracking.set()
        return tracked

    def untrack(self, tracked: Tracked) -> None:
        with self._lock:
            self._jobs.pop((tracked.start.job_id, tracked.start.attempt), None)
            if not self._jobs:
                self._tracking.clear()

    def close(self) -> None:
        self._closing.set()
        self._tracking.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while self._tracking.wait() and not self._closing.wait(WRITE_EVERY_SECONDS):
            with self._lock:
                jobs = list(self._jobs.values())
            if not jobs:
                continue
            try:
                _exchange(jobs)
            except Exception as error:  # noqa: BLE001  progress is a courtesy; the job goes on without
                log.debug("progress was not written: %s", error)


def _exchange(jobs: list[Tracked]) -> None:
    with db.snapshot() as session:
        rows = session.execute(
            sa.select(col(Job.id), col(Job.status), col(Job.run), col(Job.attempts)).where(
                col(Job.id).in_([tracked.start.job_id for tracked in jobs])
            )
        ).all()
    owned = {(id, run, attempts) for id, status, run, attempts in rows if status == JobStatus.RUNNING}
    changed = []
    for tracked in jobs:
        start = tracked.start
        tracked.stopped = (start.job_id, start.run, start.attempt) not in owned
        if not tracked.stopped and (tracked.stage, tracked.share) != tracked.written:
            changed.append((tracked, tracked.stage, tracked.share))
    if changed:
        _write(changed)


def _write(changed: list[tuple[Tracked, str, float]]) -> None:
    with db.transaction() as session:
        for tracked, stage, share in changed:
            start = tracked.start
            session.execute(
                sa.update(Job)
                .where(
                    col(Job.id) == start.job_id,
                    col(Job.run) == start.run,
                    col(Job.attempts) == start.attempt,
                    col(Job.status) == JobStatus.RUNNING,
                )
                .values(stage=stage, progress=round(share, 4))
                .execution_options(synchronize_session=False)
            )
    for tracked, stage, share in changed:
        tracked.written = (stage, share)
