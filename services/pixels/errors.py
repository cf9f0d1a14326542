"""What a task in the pool may end with, besides its result and its own errors."""

from services.errors import ServiceError, Unavailable

RETRY_AFTER_SECONDS = 2.0


class Busy(Unavailable):
    """Every helper is at work and the queue is full, or no helper came free in time."""

    code = "pixels_busy"
    message = "Many pictures are being opened right now. Please try again in a few seconds."


class TooSlow(ServiceError):
    """The task reached its time limit and was ended."""

    code = "picture_too_slow"
    status = 422
    message = "This picture took too long to open. Save it smaller, or as a JPEG, and try again."
    retryable = True


class TooMuchMemory(ServiceError):
    """The task asked for more memory than a helper may have."""

    code = "picture_too_complex"
    status = 422
    message = "This picture needs too much memory to open. Save it smaller, or as a JPEG, and try again."


class Crashed(ServiceError):
    """The helper died at the task: a codec that met bytes it could not stand, or the system ended it."""

    code = "image_unreadable"
    status = 422
    message = "We could not open this picture. It may be damaged. Save it again as JPEG or PNG and try once more."


class Abandoned(ServiceError):
    """Whoever asked has left, so the task was dropped."""

    code = "request_abandoned"
    status = 503
    message = "This request was given up before it was done."
    retryable = True
