"""The bytes of one picture, of its two small versions and of its matte in the store, written and removed as one."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from db.models import Asset
from services.library import derivatives, storage
from services.library.filenames import EXTENSIONS
from services.library.storage import ObjectMissing, StorageUnavailable


@dataclass(frozen=True)
class PreparedPicture:
    """A picture whose bytes are in the store and which no row names yet: pass it to `add_result` or to `discard`."""

    filename: str
    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    has_alpha: bool
    storage_key: str
    thumb_key: str
    preview_key: str
    matte_key: str | None = None


def store(
    *,
    data: bytes,
    thumb: bytes,
    preview: bytes,
    filename: str,
    content_type: str,
    size: tuple[int, int],
    has_alpha: bool,
    sha256: str,
    matte: bytes | None = None,
) -> PreparedPicture:
    """Write the files, or none; `matte` is a PNG. Raises StorageUnavailable.

    Keys begin with the SHA-256 of the content, so that a file can be checked against its name, and end with random
    digits, so that each row owns its files: deleting one picture never deletes another's.
    """
    stem = f"{sha256[:2]}/{sha256[2:4]}/{sha256}-{secrets.token_hex(4)}"
    preview_type = derivatives.preview_type(has_alpha)
    prepared = PreparedPicture(
        filename=filename,
        content_type=content_type,
        width=size[0],
        height=size[1],
        bytes=len(data),
        sha256=sha256,
        has_alpha=has_alpha,
        storage_key=stem + EXTENSIONS[content_type],
        thumb_key=f"{stem}.thumb.webp",
        preview_key=f"{stem}.preview{EXTENSIONS[preview_type]}",
        matte_key=None if matte is None else f"{stem}.matte.png",
    )
    files = [
        (prepared.storage_key, data, content_type),
        (prepared.thumb_key, thumb, derivatives.THUMB_TYPE),
        (prepared.preview_key, preview, preview_type),
    ]
    if matte is not None and prepared.matte_key is not None:
        files.append((prepared.matte_key, matte, derivatives.MATTE_TYPE))
    try:
        _put_together(*files)
    except BaseException:
        discard(prepared)
        raise
    return prepared


def discard(prepared: PreparedPicture) -> None:
    """Remove the files of a picture that got no row; does nothing if the store is unreachable."""
    with suppress(StorageUnavailable):
        remove(prepared)


def remove(picture: PreparedPicture | Asset) -> None:
    """Remove its files. Removing them again is no error. Raises StorageUnavailable."""
    store = storage.current()
    for key in (picture.storage_key, picture.thumb_key, picture.preview_key, picture.matte_key):
        with suppress(ObjectMissing):
            if key is not None:
                store.delete(key)


def load(asset: Asset) -> bytes:
    """The encoded bytes of a picture as stored. Raises StorageUnavailable, ObjectMissing."""
    return storage.current().get(asset.storage_key)


def _put_together(*files: tuple[str, bytes, str]) -> None:
    """Run all at once, so that all waits for the disk or the network take as long as one."""
    store = storage.current()
    with ThreadPoolExecutor(len(files)) as pool:
        for done in [pool.submit(store.put, *file) for file in files]:
            done.result()
