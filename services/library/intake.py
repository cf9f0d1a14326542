"""Any picture a person sends, made into one that is safe to keep: decoded, upright, sRGB, 8 bit, without metadata.

Only what was decoded is written again, so nothing that rode along (GPS, a script behind the last byte) is kept.
"""

import hashlib
import io
import threading
import warnings
from dataclasses import dataclass

import pillow_heif
from PIL import Image, UnidentifiedImageError

from config import settings
from services.errors import ServiceError
from services.library.colours import upright_srgb
from services.library.derivatives import preview_of, thumb_of
from services.library.filenames import clean_filename
from services.library.heif_boxes import is_cut_short
from services.library.memory import return_large_blocks
from services.studio.encoding import ImageUnreadable

__all__ = ["FileTooLarge", "ImageUnreadable", "Intake", "UnsupportedMedia", "one_at_a_time", "read_upload"]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
MAX_SIDE = 16_383  # WebP holds no more

pillow_heif.register_heif_opener()

# A 12-megapixel photo takes 50 MB while it is open, twice that while it is turned: one after the other keeps the app
# process small, and the codecs of two pictures would only share the same cores.
one_at_a_time = threading.Semaphore(1)


class FileTooLarge(ServiceError):
    """More bytes than `max_upload_bytes`."""

    code = "file_too_large"
    status = 413
    message = "This file is too large."

    @classmethod
    def over(cls, limit: int) -> "FileTooLarge":
        """The error with the limit in words."""
        megabytes = limit / (1024 * 1024)
        return cls(f"This file is too large: up to {megabytes:.0f} MB are fine. Save the photo smaller and try again.")


class UnsupportedMedia(ServiceError):
    """The bytes are of no picture format we take, whatever the name says."""

    code = "unsupported_media"
    status = 415
    message = "This is not a picture we can use. Send a JPEG, PNG, WebP, HEIC, AVIF or GIF file."


@dataclass(frozen=True)
class Intake:
    """A picture taken in. `data`, `thumb` (≤ 320 px) and `preview` (≤ 1280 px) are encoded files; sizes in pixels.

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
    """Decode `data` by what it is, not by its name, and encode it afresh.

    Opaque pictures become JPEG at quality 92 with full colour resolution, those with transparency lossless WebP.
    Raises FileTooLarge, UnsupportedMedia (not a picture), ImageUnreadable (damaged, or too many pixels).
    """
    _check_size(data)
    return_large_blocks()
    with one_at_a_time:
        image, notes = _decode(data)
        encoded, content_type = _encode(image)
        preview = preview_of(image)
        return Intake(
            data=encoded,
            content_type=content_type,
            filename=clean_filename(filename, content_type),
            width=image.width,
            height=image.height,
            has_alpha=image.mode == "RGBA",
            sha256=hashlib.sha256(encoded).hexdigest(),
            thumb=thumb_of(preview.image),
            preview=preview.data,
            notes=notes,
        )


def _check_size(data: bytes) -> None:
    if not data:
        raise UnsupportedMedia("This file is empty. Choose the photo again.")
    if len(data) > settings().max_upload_bytes:
        raise FileTooLarge.over(settings().max_upload_bytes)


def _decode(data: bytes) -> tuple[Image.Image, tuple[str, ...]]:
    """RGB or RGBA, upright, sRGB, and what the person should know. Until its size is known only the header is read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise _not_a_picture(data) from error
    except Exception as error:  # a codec may raise anything on hostile bytes
        raise ImageUnreadable from error
    with image:
        if image.width * image.height > settings().max_pixels or max(image.size) > MAX_SIDE:
            raise _too_many_pixels(image.width, image.height)
        if image.width < 1 or image.height < 1:
            raise ImageUnreadable
        if image.format in ("HEIF", "AVIF") and is_cut_short(data):
            raise ImageUnreadable("This picture is cut short: a part of the file is missing. Send the original again.")
        animated = image.format != "MPO" and getattr(image, "is_animated", False)
        try:
            image.load()
            upright = upright_srgb(image)
        except Image.DecompressionBombError as error:
            raise _too_many_pixels() from error
        except Exception as error:  # the same
            raise ImageUnreadable from error
    return upright, ("This file is an animation: we kept its first frame.",) if animated else ()


def _encode(image: Image.Image) -> tuple[bytes, str]:
    buffer = io.BytesIO()
    if image.mode == "RGBA":
        # At 12 megapixels 0.7 s and 4.6 MB; PNG takes 0.9 s and 11.6 MB for the same pixels.
        image.save(buffer, "WEBP", lossless=True, quality=0, method=0)
        return buffer.getvalue(), "image/webp"
    image.save(buffer, "JPEG", quality=92, subsampling=0)
    return buffer.getvalue(), "image/jpeg"


def _too_many_pixels(width: int = 0, height: int = 0) -> ImageUnreadable:
    limit = settings().max_pixels // 1_000_000
    size = f"This picture is {width} × {height} pixels." if width else "This picture has far too many pixels."
    return ImageUnreadable(
        f"{size} Up to {limit} megapixels and {MAX_SIDE} pixels a side are fine. Make it smaller and try again."
    )


_KNOWN = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")


def _not_a_picture(data: bytes) -> ServiceError:
    """The clearest words for bytes that no decoder took."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_KNOWN) or data[8:12] == b"WEBP" or data[4:8] == b"ftyp":
        return ImageUnreadable()
    if start.startswith((b"%!ps", b"\xc5\xd0\xd3\xc6")):
        return _unsupported("an EPS drawing")
    if start.startswith(b"%pdf"):
        return _unsupported("a PDF document")
    if b"<svg" in start:
        return _unsupported("an SVG drawing")
    if start.startswith((b"<!doctype html", b"<html")):
        return _unsupported("a web page")
    if start.startswith(b"pk\x03\x04"):
        return _unsupported("a ZIP file")
    if start.startswith((b"bm", b"ii*\x00", b"mm\x00*")):
        return _unsupported("a BMP or TIFF file")
    if start and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in start):
        return _unsupported("a text file")
    return UnsupportedMedia()


def _unsupported(what: str) -> UnsupportedMedia:
    return UnsupportedMedia(
        f"This is {what}, whatever its name says. Save the photo as JPEG, PNG, WebP, HEIC or AVIF and send that."
    )
