"""One run of a job inside a worker: start it, make its results, try again what may pass. Without the engine."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlmodel import select

import db
from db.models.jobs import Job
from services.errors import ServiceError
from services.jobs import faults, settlement
from services.jobs.memory import Memory
from services.jobs.progress import Reporter, Tracked
from services.jobs.settlement import Outcome, Start
from services.jobs.slots import Slot
from services.library import results, storage
from services.studio.recipes import asks_provider
from services.studio.rendered import Cancelled

log = logging.getLogger(__name__)

MAX_STARTS = 12
"""A run that so many workers did not survive is given up."""

_OUTAGE_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.5

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
                    tell(job_id, error)
                    return Outcome(attempt=start.attempt, failure=faults.failure(error))
                log.warning("job %s: %s; it will be tried again", job_id, error)
                tracked.report("waiting to try again", 0.0)
                pause(faults.back_off(retry), tracked)
            finally:
                self._reporter.untrack(tracked)
        raise AssertionError("the last try returns")

    def run(
        self, job_id: str, run: int, retries: int, slot: Slot, memory: Memory, owner: str | None = None
    ) -> Outcome | None:
        """The same, with what was done before a restart remembered: the whole work as one part or, where a provider is
        asked, part by part."""
        if not self._asks_a_provider(job_id):
            part = partial(self.work, job_id, run, retries, slot, owner)
            return memory.once("work", part, discard)
        start = self._begin(job_id, run, owner)
        if start is None:
            return None
        from services.jobs.provider_run import ProviderRun  # OpenCV takes a while to import

        tracked = self._reporter.track(start)
        try:
            return ProviderRun(start, retries, tracked, slot, memory).work()
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


def discard(outcome: Outcome | None) -> None:
    """Take the bytes of results away that nobody will know of."""
    for result in outcome.results if outcome is not None else ():
        results.discard(result.prepared)


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


def pause(seconds: float, tracked: Tracked) -> None:
    """Wait, and then until database and storage answer again, so that an outage does not use the retries up."""
    enough, too_long = time.monotonic() + seconds, time.monotonic() + seconds + _OUTAGE_SECONDS
    while not tracked.cancelled():
        moment = time.monotonic()
        if moment >= too_long or (moment >= enough and db.is_reachable() and storage.is_reachable()):
            return
        time.sleep(min(_LOOK_AGAIN_SECONDS, max(0.01, enough - moment)))


def tell(job_id: str, error: Exception) -> None:
    """Log why a job failed: with the trace, unless it is something we tell its owner on purpose."""
    expected = isinstance(error, ServiceError)
    log.log(logging.INFO if expected else logging.ERROR, "job %s failed: %s", job_id, error, exc_info=not expected)
