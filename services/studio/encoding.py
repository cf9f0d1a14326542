"""Files to pixels and back, with Pillow alone: sRGB, upright, no metadata, pure white kept pure white in JPEG."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from services.errors import ServiceError
from services.studio import provenance
from services.studio.recipes import Output

Pixels = npt.NDArray[np.uint8]

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
)
READABLE = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
MAX_PIXELS = 100_000_000
_SAMPLED_SIDE = 200

# The quantisation tables of ITU-T T.81, Annex K, which libjpeg scales by quality; row by row.
_LUMINANCE = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMINANCE = (
    *(17, 18, 24, 47, 99, 99, 99, 99),
    *(18, 21, 26, 66, 99, 99, 99, 99),
    *(24, 26, 56, 99, 99, 99, 99, 99),
    *(47, 66, 99, 99, 99, 99, 99, 99),
    *[99] * 32,
)
_WHITE_DC = 8 * 127  # the DC coefficient of a white 8×8 block


class ImageUnreadable(ServiceError):
    """The bytes are no picture we can open, or a damaged one."""

    code = "image_unreadable"
    status = 422
    message = "We could not open this picture. It may be damaged. Save it again as JPEG or PNG and try once more."


@dataclass(frozen=True)
class Sample:
    """A picture's size and a few of its pixels, H×W×4 uint8: of a JPEG averages of blocks, else pixels as they are."""

    width: int
    height: int
    pixels: Pixels


def sampled(data: bytes) -> Sample:
    """Read a file to its end but keep only a sample: a JPEG a fifth of the time of `decode`. Raises ImageUnreadable."""
    with _opened(data) as image:
        width, height = image.size
        image.draft("RGB", (_SAMPLED_SIDE, _SAMPLED_SIDE))  # a JPEG decodes at an eighth of its size
        image.load()
        step = max(1, min(image.size) // _SAMPLED_SIDE)
        size = (max(1, image.width // step), max(1, image.height // step))
        small = image.resize(size, Image.Resampling.NEAREST).convert("RGBA")
        return Sample(width, height, np.asarray(small, dtype=np.uint8))


def decode(data: bytes) -> Pixels:
    """Bytes of a stored picture to H×W×4 uint8 sRGB RGBA, upright. Raises ImageUnreadable."""
    with _opened(data) as image:
        return np.asarray(ImageOps.exif_transpose(image).convert("RGBA"), dtype=np.uint8)


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    try:
        with Image.open(io.BytesIO(data), formats=READABLE) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageUnreadable("This picture has too many pixels.")
            yield image
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageUnreadable from error


def encode(pixels: Pixels, output: Output, source_type: str | None = None) -> bytes:
    """H×W×3 or 4 uint8 sRGB to a file. JPEG has no transparency: what is clear becomes white.

    The file's only metadata is the IPTC digital source type, if one is given.
    """
    if pixels.shape[2] == 4 and (output.format == "jpeg" or int(pixels[..., 3].min()) == 255):
        pixels = flattened(pixels)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    buffer = io.BytesIO()
    if output.format == "jpeg":
        tables = _white_keeping_tables(output.quality)
        said = provenance.saved("JPEG", source_type)
        image.save(buffer, "JPEG", qtables=tables, subsampling=0, optimize=False, **said)
    elif output.format == "png":
        image.save(buffer, "PNG", compress_level=4, **provenance.saved("PNG", source_type))
    elif output.format == "webp":
        image.save(buffer, "WEBP", quality=output.quality, method=2, **provenance.saved("WEBP", source_type))
    else:
        said = provenance.saved("AVIF", source_type)
        image.save(buffer, "AVIF", quality=output.quality, speed=10, subsampling="4:4:4", **said)
    return buffer.getvalue()


def flattened(pixels: Pixels) -> Pixels:
    """H×W×4 on white, as H×W×3."""
    image = Image.fromarray(pixels)
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return np.asarray(white, dtype=np.uint8)


def _white_keeping_tables(quality: int) -> list[list[int]]:
    """The standard tables scaled as libjpeg scales them, with a luminance DC step that white survives.

    White is a DC coefficient of 1016. Where the step does not divide it, white decodes to 254 at some qualities; the
    next finer step that rounds to at least 1016 keeps it 255.
    """
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    luminance, chrominance = (
        [min(255, max(1, (value * scale + 50) // 100)) for value in table] for table in (_LUMINANCE, _CHROMINANCE)
    )
    while round(_WHITE_DC / luminance[0]) * luminance[0] < _WHITE_DC:
        luminance[0] -= 1
    return [luminance, chrominance]
