"""What can go wrong at the door, in the words of the person who stands there."""

from services.errors import Invalid, RateLimited, ServiceError


class Unauthenticated(ServiceError):
    """No credential, or one that is unknown, expired or revoked."""

    code = "unauthenticated"
    status = 401
    message = "Send an API key or access token that is still valid: 'Authorization: Bearer vit_…'."


class WrongCredentials(Unauthenticated):
    """The same for an unknown address and for a wrong password."""

    code = "wrong_credentials"
    message = "This e-mail address and password do not belong together. Check both and try again."


class WrongCurrentPassword(Invalid):
    """Somebody who is signed in does not know the password they want to change."""

    code = "wrong_password"
    message = "Your current password is different. Check it and try again."


class AccountSuspended(ServiceError):
    """Only ever said to somebody who proved to own the account."""

    code = "account_suspended"
    status = 403
    message = "This account is suspended. Write to support and we will look into it."


class TooManyAttempts(RateLimited):
    """Locked out for a while; `retry_after` says how long, in seconds."""


class RegistrationRefused(Invalid):
    """The answer to an address that is taken; it does not say so."""

    code = "registration_refused"
    message = "We could not create an account with these details. If you already have one, sign in instead."


def wait_in_words(seconds: float) -> str:
    """`"about 2 minutes"`, rounded up so that nobody returns too early."""
    if seconds <= 90:
        whole = max(1, int(-(-seconds // 1)))
        return f"{whole} second{'s' if whole != 1 else ''}"
    return f"about {int(-(-seconds // 60))} minutes"
