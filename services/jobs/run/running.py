"""One run of a job inside a worker: start it, make its results, retry what may pass."""

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
from services.jobs.run.retries import retrying
from services.jobs.settlement import Outcome, Start
from services.studio.recipes import asks_provider
from services.studio.rendered import Cancelled

_LONGEST_WAIT_TO_BEGIN_SECONDS = 5.0

Asked = TypeVar("Asked")
Render = Callable[[Start, Tracked, Slot], Outcome]


class Runner:
    """Works on runs for one worker."""

    def __init__(self, worker_id: str, reporter: Reporter, render: Render) -> None:
        self._worker_id, self._reporter, self._render = worker_id, reporter, render

    def work(self, job_id: str, run: int, retries: int, slot: Slot, owner: str | None = None) -> Outcome | None:
        """Start the run and make its results, again after a transient fault. None if it is no longer wanted, or the
        engine's execution `owner` no longer the one to do it."""
        tracked: Tracked | None = None

        def attempt() -> Outcome | None:
            nonlocal tracked
            start = self._begin(job_id, run, owner)
            if start is None:
                return None
            if start.attempt > MAX_STARTS:
                return Outcome(attempt=start.attempt, failure=faults.WORKER_LOST)
            tracked = self._track_instead(tracked, start)
            return self._render(start, tracked, slot)

        def wait(seconds: float) -> None:
            assert tracked is not None
            tracked.report("waiting to try again", 0.0)
            pause(seconds, tracked)

        try:
            return retrying(retries, f"job {job_id}", pause=wait)(attempt)
        except Cancelled:
            return None
        except Exception as error:
            if tracked is None:
                raise
            log_failure(job_id, error)
            return Outcome(attempt=tracked.start.attempt, failure=faults.failure(error))
        finally:
            if tracked is not None:
                self._reporter.untrack(tracked)

    def run(
        self, job_id: str, run: int, retries: int, slot: Slot, checkpoints: Checkpoints, owner: str | None = None
    ) -> Outcome | None:
        """The same with checkpoints: one for the whole work or, where a provider is asked, one for each part."""
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

    def _track_instead(self, before: Tracked | None, start: Start) -> Tracked:
        if before is not None:
            self._reporter.untrack(before)
        return self._reporter.track(start)


def _once_there(ask: Callable[[], Asked], job_id: str) -> Asked:
    """Without a database no job can begin or end, so this waits until it is back."""
    return retrying(None, f"job {job_id} cannot begin", longest_wait=_LONGEST_WAIT_TO_BEGIN_SECONDS)(ask)
