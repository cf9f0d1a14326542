"""Short-lived signed cookies of the sign-in and sign-up forms: one ties a form to its browser, the other has errors."""

import secrets
from dataclasses import asdict, dataclass

from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from config import settings

FORM_COOKIE = "vitrine_form"
FORM_SECONDS = 24 * 3600
FLASH_COOKIE = "vitrine_flash"
FLASH_SECONDS = 60


@dataclass(frozen=True)
class Flash:
    """Why a form was refused, and what was typed into it (never the password)."""

    message: str
    email: str = ""
    name: str = ""


def new_form_cookie() -> str:
    """A random value, signed: the seed of the CSRF token while there is no session yet."""
    return _signer().sign(secrets.token_urlsafe(32)).decode()


def is_form_cookie(value: str) -> bool:
    """Whether we issued this value less than `FORM_SECONDS` ago."""
    try:
        _signer().unsign(value, max_age=FORM_SECONDS)
    except BadSignature:
        return False
    return True


def seal_flash(flash: Flash) -> str:
    """A cookie value that carries `flash` to the page the browser is sent back to."""
    return _serializer().dumps(asdict(flash))


def open_flash(value: str | None) -> Flash | None:
    """What `seal_flash` sealed less than `FLASH_SECONDS` ago, else None."""
    if not value:
        return None
    try:
        return Flash(**_serializer().loads(value, max_age=FLASH_SECONDS))
    except (BadSignature, TypeError):
        return None


def _signer() -> TimestampSigner:
    return TimestampSigner(settings().secret_key.get_secret_value(), salt="vitrine.form")


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key.get_secret_value(), salt="vitrine.flash")
