"""Where the files of pictures are stored: a folder or S3, as `storage_url` says."""

import threading
from pathlib import Path
from urllib.parse import unquote, urlsplit

from config import settings
from services.library.storage.contract import ObjectMissing, Storage, StorageUnavailable

__all__ = ["ObjectMissing", "Storage", "StorageUnavailable", "close", "current", "is_reachable"]

_lock = threading.Lock()
_current: Storage | None = None


def current() -> Storage:
    """The process's store, opened from the settings on first use."""
    global _current
    with _lock:
        if _current is None:
            _current = _open()
        return _current


def is_reachable() -> bool:
    """Whether the store can be written to now."""
    try:
        current().check()
    except StorageUnavailable:
        return False
    return True


def close() -> None:
    """Forget the store; the next use opens one from the settings."""
    global _current
    with _lock:
        closing, _current = _current, None
    if closing is not None and hasattr(closing, "close"):
        closing.close()


def _open() -> Storage:
    url = settings().storage_url
    if url.startswith("s3://"):
        from services.library.storage.s3 import S3Storage  # boto3 costs 30 MB: only where S3 is used

        return S3Storage.from_settings(settings())
    from services.library.storage.folder import FolderStorage

    if url.startswith("file://"):
        return FolderStorage(Path(unquote(urlsplit(url).path)))
    raise ValueError("VITRINE_STORAGE_URL must start with file:// or s3://")
