"""Errors of signing in and signing up, worded for the person who reads them."""

from services.errors import Invalid, RateLimited, ServiceError


class Unauthenticated(ServiceError):
    """No credential, or one that is unknown, expired or revoked."""

    code = "unauthenticated"
    status = 401
    message = "Send an API key or access token that is still valid: 'Authorization: Bearer vit_…'."


class WrongCredentials(Unauthenticated):
    """The same error for an unknown address and for a wrong password, so that neither is revealed."""

    code = "wrong_credentials"
    message = "This e-mail address and password do not belong together. Check both and try again."


class WrongCurrentPassword(Invalid):
    """The current password, asked for to change it, is wrong."""

    code = "wrong_password"
    message = "Your current password is different. Check it and try again."


class AccountSuspended(ServiceError):
    """Only shown to somebody who has proved to own the account."""

    code = "account_suspended"
    status = 403
    message = "This account is suspended. Write to support and we will look into it."


class TooManyAttempts(RateLimited):
    """Locked out for a while; `retry_after` says how long, in seconds."""


class RegistrationRefused(Invalid):
    """The answer to an address that is taken; it does not reveal that."""

    code = "registration_refused"
    message = "We could not create an account with these details. If you already have one, sign in instead."


def wait_in_words(seconds: float) -> str:
    """`"about 2 minutes"`, rounded up so that nobody retries too early."""
    if seconds <= 90:
        whole = max(1, int(-(-seconds // 1)))
        return f"{whole} second{'s' if whole != 1 else ''}"
    return f"about {int(-(-seconds // 60))} minutes"
