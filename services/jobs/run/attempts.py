"""What an attempt at a run does when it does not succeed: wait, give up, clean up behind itself."""

import logging
import time

import db
from services.errors import ServiceError
from services.jobs.run.progress import Tracked
from services.jobs.settlement import Outcome
from services.library import results, storage

log = logging.getLogger(__name__)

MAX_STARTS = 12
"""A run that so many workers did not survive is given up."""

_OUTAGE_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.5


def discard(outcome: Outcome | None) -> None:
    """Remove the bytes of results that nobody will know of."""
    for result in outcome.results if outcome is not None else ():
        results.discard(result.prepared)


def pause(seconds: float, tracked: Tracked) -> None:
    """Wait, and then until database and storage answer again, so that an outage does not use the retries up."""
    enough, too_long = time.monotonic() + seconds, time.monotonic() + seconds + _OUTAGE_SECONDS
    while not tracked.cancelled():
        moment = time.monotonic()
        if moment >= too_long or (moment >= enough and db.is_reachable() and storage.is_reachable()):
            return
        time.sleep(min(_LOOK_AGAIN_SECONDS, max(0.01, enough - moment)))


def log_failure(job_id: str, error: Exception) -> None:
    """Log why a job failed: with the trace, unless it is an error that its owner is shown on purpose."""
    expected = isinstance(error, ServiceError)
    log.log(logging.INFO if expected else logging.ERROR, "job %s failed: %s", job_id, error, exc_info=not expected)
