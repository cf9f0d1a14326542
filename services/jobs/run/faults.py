"""What may go wrong in a job: which faults pass by themselves, and what to tell the shop owner of the others."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.errors import ServiceError, Unavailable
from services.jobs.settlement import Failure

_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_OUTLASTED = 8

Result = TypeVar("Result")

INTERNAL = Failure(
    "internal", "Something went wrong on our side while making this picture. Nothing was charged.", retryable=True
)
WORKER_LOST = Failure(
    "internal",
    "Making this picture stopped our worker several times, so we gave up on it. Nothing was charged. "
    "A smaller version of the photo may work.",
    retryable=True,
)


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed in a moment: storage, database or operating system, never the input."""
    if isinstance(error, ServiceError):
        return isinstance(error, Unavailable)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout | OSError)


def failure(error: BaseException) -> Failure:
    """What the owner of the job is told."""
    if isinstance(error, ServiceError):
        return Failure(error.code, error.message, error.retryable)
    if isinstance(error, MemoryError):
        return Failure(
            "too_large", "This picture needs more memory than we have. Make it smaller and try again.", retryable=False
        )
    if is_transient(error):
        return Failure(Unavailable.code, Unavailable.message, retryable=True)
    return INTERNAL


def back_off(retry: int) -> float:
    """Seconds to wait before retry number 1, 2, …: doubling, with a little chance in it so that workers do not come
    back all at once."""
    return min(_LONGEST_WAIT_SECONDS, _FIRST_WAIT_SECONDS * 2.0 ** (retry - 1)) * random.uniform(0.8, 1.2)  # noqa: S311


def outlasting_outages(work: Callable[[], Result]) -> Result:
    """Do what must not be lost for an outage of ours, again and again for about two minutes; then raise."""
    for tried in range(1, _OUTLASTED + 1):
        try:
            return work()
        except Exception as error:
            if tried == _OUTLASTED or not is_transient(error):
                raise
            time.sleep(back_off(tried))
    raise AssertionError("the last try returns or raises")
