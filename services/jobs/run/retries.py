"""The one way in which work on a job is retried: after faults that pass, with growing pauses."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_never

from services.jobs.run import faults

log = logging.getLogger(__name__)

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_RETRIES_IN_AN_OUTAGE = 7

Result = TypeVar("Result")


def back_off(retry: int) -> float:
    """Seconds to wait before retry number 1, 2, …: doubling, with a little chance in it so that workers do not come
    back all at once."""
    return min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** (retry - 1)) * random.uniform(0.8, 1.2)  # noqa: S311


def retrying(
    times: int | None, what: str, *, pause: Callable[[float], None] = time.sleep, longest_wait: float = 60.0
) -> Retrying:
    """Calls what it is given, and again up to `times` times (None: without end) after a fault that passes; raises the
    last error. `what` is named in the log; `pause` waits the seconds between."""

    def note(state: RetryCallState) -> None:
        assert state.outcome is not None
        log.warning("%s: %s; retrying", what, state.outcome.exception())

    return Retrying(
        stop=stop_never if times is None else stop_after_attempt(times + 1),
        retry=retry_if_exception(faults.is_transient),
        wait=lambda state: min(back_off(state.attempt_number), longest_wait),
        sleep=pause,
        before_sleep=note,
        reraise=True,
    )


def outlast_outages(work: Callable[[], Result]) -> Result:
    """Do what must not be lost for an outage of ours, again and again for about two minutes; then raise."""
    return retrying(_RETRIES_IN_AN_OUTAGE, "a paid answer")(work)
