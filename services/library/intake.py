"""Making an uploaded picture safe to keep: `decoding` does the work, in the pixel pool."""

from dataclasses import dataclass
from typing import cast

from config import settings
from services import pixels
from services.errors import ServiceError

_SECONDS = 120.0


class FileTooLarge(ServiceError):
    """More bytes than `max_upload_bytes`."""

    code = "file_too_large"
    status = 413
    message = "This file is too large."

    @classmethod
    def over(cls, limit: int) -> "FileTooLarge":
        """The error, its message naming the limit."""
        megabytes = limit / (1024 * 1024)
        return cls(f"This file is too large: up to {megabytes:.0f} MB are fine. Save the photo smaller and try again.")


class UnsupportedMedia(ServiceError):
    """The bytes are not a picture in a format we accept, whatever the name says."""

    code = "unsupported_media"
    status = 415
    message = "This is not a picture we can use. Send a JPEG, PNG, WebP, HEIC, AVIF or GIF file."


@dataclass(frozen=True)
class Intake:
    """An accepted picture. `data`, `thumb` (≤ 320 px) and `preview` (≤ 1280 px) are encoded files; sizes in pixels.

    `notes` are sentences for the person, such as that only the first frame of an animation was kept.
    """

    data: bytes
    content_type: str
    filename: str
    width: int
    height: int
    has_alpha: bool
    sha256: str
    thumb: bytes
    preview: bytes
    notes: tuple[str, ...]


def read_upload(data: bytes, filename: str) -> Intake:
    """Decode `data` by its content, not by its name, and encode it again.

    Opaque pictures become JPEG at quality 92 with full colour resolution, those with transparency lossless WebP.
    Raises FileTooLarge, UnsupportedMedia (not a picture), ImageUnreadable (damaged, or too many pixels), and as
    `pixels.run`.
    """
    if not data:
        raise UnsupportedMedia("This file is empty. Choose the photo again.")
    if len(data) > settings().max_upload_bytes:
        raise FileTooLarge.over(settings().max_upload_bytes)
    task = "services.library.decoding:reencoded"
    return cast(Intake, pixels.run(task, data, filename, settings().max_pixels, seconds=_SECONDS))
