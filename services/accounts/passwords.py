"""Password hashes (bcrypt) and the rules a new password must meet."""

import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import bcrypt

from services.errors import FieldError, Invalid

BCRYPT_COST = 12
MIN_CHARACTERS = 10
LENGTH_ADVICE = f"Use at least {MIN_CHARACTERS} characters. A few words in a row are easy to remember."
MAX_BYTES = 72  # bcrypt reads no further; version 5 of the library refuses instead of cutting silently
MIN_SCORE = 3  # of zxcvbn: at least 10^8 guesses

# zxcvbn takes up to three seconds for 72 characters that could all stand for letters, and at most 0.3 for 24 of them,
# about what the hash costs anyway. A longer password is judged by its beginning.
_JUDGED_CHARACTERS = 24
_SHORTEST_PERSONAL_WORD = 3
_JUDGING = threading.Lock()  # zxcvbn keeps the words it is given in a variable of its module


class WeakPassword(Invalid):
    """A password that is refused; the message says what to change."""

    def __init__(self, advice: str) -> None:
        super().__init__(advice, errors=(FieldError("password", advice),))


@dataclass(frozen=True)
class Strength:
    """How hard a password is to guess: `score` 0 to 4, of which `MIN_SCORE` is enough, and what to do if it is not."""

    score: int
    label: str
    advice: str

    @property
    def is_enough(self) -> bool:
        """Whether an account may have this password."""
        return self.score >= MIN_SCORE


_LABELS = ("Too weak", "Too weak", "Weak", "Good", "Strong")


def strength(password: str, email: str = "", name: str = "") -> Strength:
    """Judge a new password for the person with this e-mail address and name."""
    if not _can_be_stored(password):
        return Strength(0, _LABELS[0], "This contains a character that cannot be stored. Please type it again.")
    if len(password) < MIN_CHARACTERS:
        return Strength(0, _LABELS[0], LENGTH_ADVICE)
    if len(password.encode()) > MAX_BYTES:
        advice = f"Use at most {MAX_BYTES} bytes: about {MAX_BYTES} plain letters, fewer with accents."
        return Strength(0, _LABELS[0], advice)
    from zxcvbn import zxcvbn  # here, since its word lists take 12 MB that workers need not hold

    with _JUDGING:
        found = zxcvbn(password[:_JUDGED_CHARACTERS], user_inputs=_personal_words(email, name))
    score = int(found["score"])
    return Strength(score, _LABELS[score], "" if score >= MIN_SCORE else _advice(found))


def _can_be_stored(password: str) -> bool:
    try:
        return b"\0" not in password.encode()
    except UnicodeEncodeError:
        return False


def _personal_words(email: str, name: str) -> list[str]:
    """Words that somebody who knows the person would try first."""
    local, _, domain = email.partition("@")
    whole = [email, local, domain, name]
    parts = re.split(r"[\W_]+", f"{email} {name}")
    words = (word[:_JUDGED_CHARACTERS] for word in whole + parts if len(word) >= _SHORTEST_PERSONAL_WORD)
    return list(dict.fromkeys(["vitrine", *words]))


def _advice(found: dict[str, Any]) -> str:
    """What makes the password easy to guess, and what would make it harder."""
    if any(match.get("dictionary_name") == "user_inputs" for match in found["sequence"]):
        reason = "It is too close to your name, your e-mail address or the name Vitrine."
    else:
        reason = found["feedback"]["warning"]
    suggestions = found["feedback"]["suggestions"][:1]
    return " ".join(filter(None, ["This password is easy to guess.", reason, *suggestions]))


def require_acceptable(password: str, email: str, name: str = "") -> None:
    """Raise `WeakPassword` for one that is too short, too long or easily guessed."""
    verdict = strength(password, email, name)
    if not verdict.is_enough:
        raise WeakPassword(verdict.advice)


def hash_password(password: str) -> str:
    """The bcrypt hash at `BCRYPT_COST`: about a quarter of a second, so never inside a transaction."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()


@cache
def _hash_of_nobody(cost: int) -> bytes:
    return bcrypt.hashpw(b"nobody has this password", bcrypt.gensalt(cost))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password matches the hash. With None (no such account) it takes as long and returns False."""
    given = password.encode(errors="replace")
    possible = 0 < len(given) <= MAX_BYTES and b"\0" not in given
    same = bcrypt.checkpw(given if possible else b"x", stored.encode() if stored else _hash_of_nobody(BCRYPT_COST))
    return same and possible and stored is not None
