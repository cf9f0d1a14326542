"""What can go wrong between a shop owner and their credits."""

from services.errors import Conflict, ServiceError, Unavailable


class GatewayUnavailable(Unavailable):
    """The payment gateway did not answer, or not in a way that we understand."""

    code = "provider_unavailable"  # the code that the API's contract has for this
    message = "The payment page cannot be opened right now. Nothing was charged. Please try again in a moment."


class BadSignature(ServiceError):
    """An event that the payment gateway did not sign, or signed too long ago."""

    code = "bad_signature"
    status = 400
    message = "The signature does not fit this body, or is too old."


class BadEvent(ServiceError):
    """A signed body that is not an event."""

    code = "malformed"
    status = 400
    message = "This is not an event."


class NotPayable(Conflict):
    """The payment was made or ended already."""

    message = "This payment is not open any more. Look at your payments, or choose your credits again."
