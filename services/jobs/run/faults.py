"""What may go wrong in a job: which faults pass by themselves, and what the shop owner is shown of the others."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.errors import ServiceError, Unavailable
from services.jobs.settlement import Failure

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
    """What the owner of the job is shown."""
    if isinstance(error, ServiceError):
        return Failure(error.code, error.message, error.retryable)
    if isinstance(error, MemoryError):
        return Failure(
            "too_large", "This picture needs more memory than we have. Make it smaller and try again.", retryable=False
        )
    if is_transient(error):
        return Failure(Unavailable.code, Unavailable.message, retryable=True)
    return INTERNAL
