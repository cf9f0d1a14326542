"""E-mail addresses: which ones are accepted, and the form in which they are compared."""

import re
import unicodedata

from services.errors import FieldError, Invalid

_SHAPE = re.compile(r"[^@\s()<>\[\]:;,\\\"]{1,64}@[^@\s.()<>\[\]:;,\\\"]+(\.[^@\s.()<>\[\]:;,\\\"]+)+")


def email_key(email: str) -> str:
    """The same key for the same mailbox, however it was typed."""
    return unicodedata.normalize("NFKC", email.strip()).casefold().encode(errors="replace").decode().replace("\0", "")


def checked_email(email: str) -> str:
    """The address without surrounding space. Raises `Invalid` for what is not an address."""
    trimmed = email.strip()
    printable = all(unicodedata.category(letter)[0] != "C" for letter in trimmed)
    if len(trimmed) > 254 or not printable or not _SHAPE.fullmatch(trimmed):
        message = "Enter an e-mail address such as anna@example.com."
        raise Invalid(message, errors=(FieldError("email", message),))
    return trimmed
