"""One run of a job inside a worker: start it, make its results, try again what may pass. Without the engine."""

import logging
import time
from collections.abc import Callable

import db
from services.errors import ServiceError
from services.jobs import faults, settlement
from services.jobs.progress import Reporter, Tracked
from services.jobs.settlement import Outcome, Start
from services.jobs.slots import Slot
from services.library import storage
from services.studio.rendered import Cancelled

log = logging.getLogger(__name__)

MAX_STARTS = 12
"""A run that so many workers did not survive is given up."""

_OUTAGE_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.5

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
                    _tell(job_id, error)
                    return Outcome(attempt=start.attempt, failure=faults.failure(error))
                log.warning("job %s: %s; it will be tried again", job_id, error)
                tracked.report("waiting to try again", 0.0)
                _wait(faults.back_off(retry), tracked)
            finally:
                self._reporter.untrack(tracked)
        raise AssertionError("the last try returns")

    def _begin(self, job_id: str, run: int, owner: str | None) -> Start | None:
        """Without a database no job can begin or end, so this waits until it is back."""
        tried = 0
        while True:
            try:
                with db.transaction() as session:
                    return settlement.begin(session, job_id, run, self._worker_id, owner)
            except Exception as error:
                if not faults.is_transient(error):
                    raise
                tried += 1
                log.warning("job %s cannot begin: %s", job_id, error)
                time.sleep(min(faults.back_off(tried), 5.0))


def _wait(seconds: float, tracked: Tracked) -> None:
    """Wait, and then until database and storage answer again, so that an outage does not use the retries up."""
    enough, too_long = time.monotonic() + seconds, time.monotonic() + seconds + _OUTAGE_SECONDS
    while not tracked.cancelled():
        moment = time.monotonic()
        if moment >= too_long or (moment >= enough and db.is_reachable() and storage.is_reachable()):
            return
        time.sleep(min(_LOOK_AGAIN_SECONDS, max(0.01, enough - moment)))


def _tell(job_id: str, error: Exception) -> None:
    expected = isinstance(error, ServiceError)
    log.log(logging.INFO if expected else logging.ERROR, "job %s failed: %s", job_id, error, exc_info=not expected)
