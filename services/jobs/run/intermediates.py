"""Pictures on their way through a recipe, between its parts. For workers only."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass

from services.jobs.settlement import Failure
from services.library import storage
from services.studio.rendered import Check


@dataclass(frozen=True)
class Intermediate:
    """A picture on its way through a recipe: its key in storage, what is known of it so far, and how long
    each stage took, in seconds."""

    key: str
    confidence: float | None = None
    cut_out_by: str | None = None
    doubts: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class NotDone:
    """Why a part of a recipe was not done, and in how many seconds to retry it; None for never by itself. `key` names a
    picture that came of it all the same and is of no use."""

    failure: Failure
    wait: float | None = None
    key: str | None = None


def store(data: bytes, content_type: str) -> str:
    """Store a picture that is on its way; its key. Its name is a picture's, so that the sweep of leftovers knows it."""
    digest = hashlib.sha256(data).hexdigest()
    ending = content_type.removeprefix("image/")
    key = f"{digest[:2]}/{digest[2:4]}/{digest}-{secrets.token_hex(4)}.{ending}"
    storage.current().put(key, data, content_type)
    return key


def remove(key: str) -> None:
    """Remove a picture that nobody needs any more, as far as the store lets us."""
    with suppress(storage.StorageUnavailable, storage.ObjectMissing):
        storage.current().delete(key)


def content_type(data: bytes) -> str:
    """The type of an encoded picture by its first bytes."""
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/webp" if data[8:12] == b"WEBP" else "image/png"
