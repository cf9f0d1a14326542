"""The one base of every error a use case raises on purpose."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field: a path such as `steps[0].params.preset`, and a sentence."""

    field: str
    message: str


class ServiceError(Exception):
    """An outcome the caller can explain: subclasses set the class attributes, callers pass the words.

    `code` is stable and snake_case, `status` is the HTTP status the API answers with, `message` is for a shop owner,
    `retryable` says whether the same call may succeed later, `retry_after` is in seconds.
    """

    code = "internal"
    status = 500
    message = "Something went wrong on our side. Nothing was charged. Please try again."
    retryable = False

    def __init__(
        self, message: str | None = None, *, errors: tuple[FieldError, ...] = (), retry_after: float | None = None
    ) -> None:
        self.message = message or type(self).message
        self.errors = errors
        self.retry_after = retry_after
        super().__init__(self.message)


class NotFound(ServiceError):
    """Nothing of that id that this person may see: also raised for what belongs to someone else."""

    code = "not_found"
    status = 404
    message = "We could not find that. It may have been deleted."


class Forbidden(ServiceError):
    code = "forbidden"
    status = 403
    message = "Your account is not allowed to do this."


class Conflict(ServiceError):
    code = "conflict"
    status = 409
    message = "This changed in the meantime. Reload and try again."


class Invalid(ServiceError):
    code = "validation"
    status = 422
    message = "Some of the values are not valid."

    def __init__(
        self, message: str | None = None, *, errors: tuple[FieldError, ...] = (), retry_after: float | None = None
    ) -> None:
        if message is None and type(self).message == Invalid.message:  # a subclass has words of its own
            message = " ".join(dict.fromkeys(error.message for error in errors)) or None
        super().__init__(message, errors=errors, retry_after=retry_after)


class RateLimited(ServiceError):
    code = "rate_limited"
    status = 429
    message = "Too many requests. Please wait a moment."
    retryable = True


class Unavailable(ServiceError):
    """A part we depend on (database, storage) did not answer; the same call may succeed later."""

    code = "unavailable"
    status = 503
    message = "A part of Vitrine is not reachable right now. Nothing was charged. Please try again in a moment."
    retryable = True
