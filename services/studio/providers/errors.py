"""How a provider reports that it made no picture: one class of error for each thing to be said to a shop owner. Every
class is raised by an adapter and handled by the job; none of them ever costs credits."""

from enum import StrEnum

from services.errors import ServiceError


class FaultKind(StrEnum):
    """Whose fault it was, for figures and alerts."""

    INPUT = "input"
    SAFETY = "safety"
    QUOTA = "quota"
    PROVIDER = "provider"
    INTERNAL = "internal"


class ProviderError(ServiceError):
    """A call that brought no picture. `transient` ones may succeed in a moment, so the workflow tries them again.

    `cause` is for the log and for staff, never for the shop owner; `cost_micros` is what the call cost all the same.
    """

    kind = FaultKind.PROVIDER
    transient = False

    def __init__(
        self, message: str | None = None, *, cause: str = "", cost_micros: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.cause, self.cost_micros = cause, cost_micros


class InputRefused(ProviderError):
    """The provider cannot work with this picture or these words."""

    kind = FaultKind.INPUT
    code = "input_refused"
    status = 422
    message = (
        "The AI service could not work with this photo or these words. Try another photo, or leave your own words out."
    )


class ContentRefused(ProviderError):
    """The provider's safety rules stood against it."""

    kind = FaultKind.SAFETY
    code = "content_refused"
    status = 422
    message = (
        "The AI service refused to make this picture: its safety rules stand against what is shown or asked for. "
        "Use a photo of the product alone, without people or brands, or other words."
    )


class NothingMade(ProviderError):
    """The provider answered without a picture, and not for reasons of safety."""

    code = "nothing_made"
    status = 422
    message = "The AI service answered without a picture. Another photo of the product, or other words, may work."
    retryable = True


class ProviderBusy(ProviderError):
    """Our quota with the provider is used up for the moment."""

    kind = FaultKind.QUOTA
    code = "provider_busy"
    status = 503
    message = "The AI service is very busy right now. Please try again in a while."
    retryable = True
    transient = True


class ProviderDown(ProviderError):
    """The provider did not answer, or answered that something broke on its side."""

    code = "provider_unavailable"
    status = 503
    message = "The AI service did not answer. Please try again in a while."
    retryable = True
    transient = True


class OutcomeUnknown(ProviderDown):
    """The request may have reached the provider, and no answer that tells what came of it reached us: it may have been
    paid for."""


class ProviderJobFailed(ProviderDown):
    """The provider took the work, and its job ended without a picture through its own fault: another may succeed."""


class ProviderMisconfigured(ProviderError):
    """Our key, model or address is not accepted: for staff to fix, so the shop owner reads only that it is off."""

    kind = FaultKind.INTERNAL
    code = "provider_unavailable"
    status = 503
    message = "This AI service is not available at the moment. We have to fix that; please try again later."
    retryable = True


class ProviderNotConfigured(ProviderError):
    """No key is set, or no provider does this at all, so nothing is sent anywhere."""

    kind = FaultKind.INTERNAL
    code = "provider_unavailable"
    status = 503

    def __init__(self, title: str, setting: str | None) -> None:
        if setting is None:
            super().__init__(f"{title} by AI is not available on this installation: leave the engine to `auto`.")
        else:
            super().__init__(f"{title} is not available on this installation: set {setting} to switch it on.")
