"""What a store of files must do, and its errors. A folder and S3 both implement it, checked by the same tests."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from services.errors import NotFound, Unavailable

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9][a-z0-9_-]*)*")


class StorageUnavailable(Unavailable):
    """The folder or the S3 service could not be read or written; the same call may succeed later."""

    code = "storage_unavailable"
    message = "The picture store is not reachable right now. Nothing was charged. Please try again in a moment."


class ObjectMissing(NotFound):
    """Nothing is stored under that key."""

    message = "The file of this picture is missing from the store."


class Storage(Protocol):
    """Bytes under keys such as `ab/cd/<sha256>.jpg`. Every method raises StorageUnavailable on an outage."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store `data`, whole or not at all, replacing what is under `key`."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises ObjectMissing."""

    def delete(self, key: str) -> None:
        """Remove `key`; a key without bytes is no error."""

    def exists(self, key: str) -> bool:
        """Whether bytes are stored under `key`."""

    def keys(self, before: datetime) -> Iterator[str]:
        """Every key last written before that moment (by the store's own clock), unordered."""

    def remove_unfinished(self, before: datetime) -> None:
        """Remove what writes that were interrupted before that moment left behind without a key."""

    def check(self) -> None:
        """Return if the store can be written to now; otherwise raise StorageUnavailable."""


def checked(key: str) -> str:
    """`key` if it is one of ours: lower-case parts, no absolute path, no `..`. Raises ValueError."""
    if not is_key(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key


def is_key(name: str) -> bool:
    """Whether something may be stored under this name."""
    return len(name) <= 500 and _KEY.fullmatch(name) is not None
