"""File names: safe in a header, on any file system and in a ZIP, with the extension that the bytes have."""

import re
import unicodedata
from collections.abc import Container
from pathlib import PurePosixPath

EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/avif": ".avif"}
MAX_LENGTH = 120
_UNSAFE = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_PICTURE_SUFFIX = re.compile(r"\.(jpe?g|jfif|png|webp|avif|heic|heif|gif|bmp|tiff?|svg|eps)$", re.IGNORECASE)


def clean_filename(name: str, content_type: str) -> str:
    """`name` without folders, control or reserved characters, 120 characters at most, ending as `content_type` does."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(character for character in base if unicodedata.category(character) not in {"Cc", "Cf", "Cs"})
    base = _PICTURE_SUFFIX.sub("", _UNSAFE.sub("_", base).strip())
    base = base.strip(" .")[:MAX_LENGTH].rstrip(" .")
    if not base or _RESERVED.fullmatch(base):
        base = f"picture{'-' + base if base else ''}"
    return base + EXTENSIONS[content_type]


def with_suffix(filename: str, content_type: str) -> str:
    """`filename` with the extension of `content_type`."""
    return PurePosixPath(filename).stem + EXTENSIONS[content_type]


def unused(filename: str, taken: Container[str]) -> str:
    """`filename`, or `stem (2).jpg`, `stem (3).jpg` … if it is taken. `taken` holds case-folded names."""
    path = PurePosixPath(filename)
    candidate, count = filename, 1
    while candidate.casefold() in taken:
        count += 1
        candidate = f"{path.stem} ({count}){path.suffix}"
    return candidate
