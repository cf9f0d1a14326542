"""One run of a job inside a worker: start it, make its results, retry what may pass."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlmodel import select

import db
from db.models.jobs import Job
from services.engine.checkpoints import Checkpoints
from services.engine.slots import Slot
from services.jobs import settlement
from services.jobs.run import faults
from services.jobs.run.attempts import MAX_STARTS, discard, log_failure, pause
from services.jobs.run.progress import Reporter, Tracked
from services.jobs.settlement import Outcome, Start
from services.studio.recipes import asks_provider
from services.studio.rendered import Cancelled

log = logging.getLogger(__name__)

Asked = TypeVar("Asked")
Render = Callable[[Start, Tracked, Slot], Outcome]


class Runner:
    """Works on runs for one worker."""

    def __init__(self, worker_id: str, reporter: Reporter, render: Render) -> None:
        self._worker_id, self._reporter, self._render = worker_id, reporter, render

    def work(self, job_id: str, run: int, retries: int, slot: Slot, owner: str | None = None) -> Outcome | None:
        """Start the run and make its results, again after a transient fault. None if it is no longer wanted, or the
        engine's execution `owner` no longer the one to do it."""
        for retry in range(1, retries + 2):
            start = self._begin(job_id, run, owner)
            if start is None:
                return None
            if start.attempt > MAX_STARTS:
                return Outcome(attempt=start.attempt, failure=faults.WORKER_LOST)
            tracked = self._reporter.track(start)
            try:
                return self._render(start, tracked, slot)
            except Cancelled:
                return None
            except Exception as error:  # noqa: BLE001  whatever it was, the job has to end
                if retry > retries or not faults.is_transient(error):
                    log_failure(job_id, error)
                    return Outcome(attempt=start.attempt, failure=faults.failure(error))
                log.warning("job %s: %s; it will be tried again", job_id, error)
                tracked.report("waiting to try again", 0.0)
                pause(faults.back_off(retry), tracked)
            finally:
                self._reporter.untrack(tracked)
        raise AssertionError("the last try returns")

    def run(
        self, job_id: str, run: int, retries: int, slot: Slot, checkpoints: Checkpoints, owner: str | None = None
    ) -> Outcome | None:
        """The same, with what was done before a restart remembered: the whole work as one part or, where a provider is
        asked, part by part."""
        if not self._asks_a_provider(job_id):
            part = partial(self.work, job_id, run, retries, slot, owner)
            return checkpoints.once("work", part, discard)
        start = self._begin(job_id, run, owner)
        if start is None:
            return None
        from services.jobs.run.provider_run import ProviderRun  # OpenCV takes a while to import

        tracked = self._reporter.track(start)
        try:
            return ProviderRun(start, retries, tracked, slot, checkpoints).work()
        finally:
            self._reporter.untrack(tracked)

    def _asks_a_provider(self, job_id: str) -> bool:
        def read() -> object:
            with db.snapshot() as session:
                return session.scalar(select(Job.recipe).where(Job.id == job_id))

        return asks_provider(_once_there(read, job_id))

    def _begin(self, job_id: str, run: int, owner: str | None) -> Start | None:
        def begin() -> Start | None:
            with db.transaction() as session:
                return settlement.begin(session, job_id, run, self._worker_id, owner)

        return _once_there(begin, job_id)


def _once_there(ask: Callable[[], Asked], job_id: str) -> Asked:
    """Without a database no job can begin or end, so this waits until it is back."""
    tried = 0
    while True:
        try:
            return ask()
        except Exception as error:
            if not faults.is_transient(error):
                raise
            tried += 1
            log.warning("job %s cannot begin: %s", job_id, error)
            time.sleep(min(faults.back_off(tried), 5.0))
