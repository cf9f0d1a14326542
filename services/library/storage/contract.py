"""What a store of bytes must do, and how it says that it cannot. A folder and S3 both do it, checked by one test."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from services.errors import NotFound, Unavailable

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(?:[./][a-z0-9][a-z0-9_-]*)*")


class StorageUnavailable(Unavailable):
    """The folder or the S3 service did not take or give the bytes; the same call may succeed later."""

    code = "storage_unavailable"
    message = "The picture store is not reachable right now. Nothing was charged. Please try again in a moment."


class ObjectMissing(NotFound):
    """Nothing is stored under that key."""

    message = "The file of this picture is missing from the store."


class Storage(Protocol):
    """Bytes under keys such as `ab/cd/<sha256>.jpg`. Every method raises StorageUnavailable when the store is away."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store `data`, whole or not at all; what lay under `key` is replaced."""

    def get(self, key: str) -> bytes:
        """The bytes under `key`. Raises ObjectMissing."""

    def delete(self, key: str) -> None:
        """Remove `key`; removing what is not there is no error."""

    def exists(self, key: str) -> bool:
        """Whether bytes are stored under `key`."""

    def keys(self, before: datetime) -> Iterator[str]:
        """Every key last written before that moment (on the store's own clock), in no order."""

    def remove_unfinished(self, before: datetime) -> None:
        """Remove what writes that were broken off before that moment left behind under no key."""

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
