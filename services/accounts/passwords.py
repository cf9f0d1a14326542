"""Password hashes (bcrypt) and the rules a new password must meet."""

import re
from dataclasses import dataclass
from functools import cache

import bcrypt

from services.errors import FieldError, Invalid

BCRYPT_COST = 12
MIN_BYTES = 10
MAX_BYTES = 72  # bcrypt reads no further; version 5 of the library refuses instead of cutting silently

# The beginnings that lists of leaked passwords are full of; compared after undoing the usual disguises.
_COMMON = (
    "password",
    "passwort",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "iloveyou",
    "admin",
    "administrator",
    "abc",
    "abcd",
    "changeme",
    "dragon",
    "monkey",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "trustno",
    "vitrine",
    "secret",
    "login",
    "master",
    "shadow",
    "test",
    "user",
)
_DISGUISES = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"})
_RUNS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)


class WeakPassword(Invalid):
    """A password we do not take; the message says what to change."""

    def __init__(self, advice: str) -> None:
        super().__init__(advice, errors=(FieldError("password", advice),))


@dataclass(frozen=True)
class Strength:
    """How hard a password is to guess: `score` 0 (refused) to 4, and what to do about it."""

    score: int
    label: str
    advice: str


_LABELS = ("Too weak", "Weak", "Fair", "Good", "Strong")


def strength(password: str, email: str = "") -> Strength:
    """Score a password the way a guesser would see it; anything below 1 is refused at registration."""
    size = len(password.encode(errors="surrogatepass"))
    if size < MIN_BYTES:
        return Strength(
            0, _LABELS[0], f"Use at least {MIN_BYTES} characters. A few words in a row are easy to remember."
        )
    if size > MAX_BYTES:
        return Strength(
            0, _LABELS[0], f"Use at most {MAX_BYTES} bytes: about {MAX_BYTES} plain letters, fewer with accents."
        )
    if advice := _guessable(password.casefold(), email.casefold()):
        return Strength(0, _LABELS[0], advice)
    kinds = sum(bool(re.search(kind, password)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z\d]"))
    score = 1 + (len(set(password)) >= 8) + (kinds >= 3 or size >= 16) + (size >= 14)
    advice = "" if score >= 3 else "Make it longer, or mix in capitals, digits and signs."
    return Strength(score, _LABELS[score], advice)


def _guessable(folded: str, email: str) -> str:
    """Why a guesser would try this early; empty if they would not."""
    if len(set(folded)) < 5:
        return "This repeats the same few characters. Use something harder to guess."
    local, _, domain = email.partition("@")
    parts = [local, email, domain.partition(".")[0]]
    if any(len(part) >= 4 and part in folded and len(folded) - len(part) < 6 for part in parts):
        return "This is too close to your e-mail address. Use something harder to guess."
    letters = re.sub(r"[\d\W_]+", "", folded.translate(_DISGUISES))
    if any(re.fullmatch(f"({word})+.{{0,3}}", letters) or re.fullmatch(rf"{word}[\d\W_]*", folded) for word in _COMMON):
        return "This is among the first passwords a guesser tries. Use something harder to guess."
    if _longest_run(folded) >= len(folded) - 3:
        return "This is a row of neighbouring keys or digits. Use something harder to guess."
    return ""


def _longest_run(folded: str) -> int:
    """Length of the longest piece that walks along the alphabet, the digits or the keyboard, either way."""
    best = 0
    for start in range(len(folded)):
        for end in range(start + best + 1, len(folded) + 1):
            piece = folded[start:end]
            if not any(piece in run or piece[::-1] in run for run in _RUNS):
                break
            best = end - start
    return best


def require_acceptable(password: str, email: str) -> None:
    """Raise `WeakPassword` for one that is too short, too long or easily guessed."""
    try:
        password.encode()
    except UnicodeEncodeError as error:
        raise WeakPassword("This contains a character that cannot be stored. Please type it again.") from error
    if "\0" in password:
        raise WeakPassword("This contains a character that cannot be stored. Please type it again.")
    verdict = strength(password, email)
    if verdict.score < 1:
        raise WeakPassword(verdict.advice)


def hash_password(password: str) -> str:
    """The bcrypt hash at `BCRYPT_COST`: about a quarter of a second, so never inside a transaction."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_COST)).decode()


@cache
def _nobody(cost: int) -> bytes:
    return bcrypt.hashpw(b"nobody has this password", bcrypt.gensalt(cost))


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. With None (no such account) it takes as long and says no."""
    given = password.encode(errors="replace")
    possible = 0 < len(given) <= MAX_BYTES and b"\0" not in given
    same = bcrypt.checkpw(given if possible else b"x", stored.encode() if stored else _nobody(BCRYPT_COST))
    return same and possible and stored is not None
