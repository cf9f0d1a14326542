"""Stored pictures in another format or size, and two of them side by side. Runs in the pixel pool."""

import io

import numpy as np
from PIL import Image

from services.library.derivatives import fitted
from services.studio import provenance
from services.studio.compare import before_after as side_by_side
from services.studio.compare import side_needed
from services.studio.comparison import Registration
from services.studio.encoding import READABLE

_COMPARED_SIDE = 2400


def converted(data: bytes, content_type: str, max_side: int | None, source_type: str | None) -> bytes:
    """A stored picture as `content_type`, its long side at most `max_side` pixels. JPEG has white for transparent."""
    return _encoded(_opened(data, max_side), content_type, source_type)


def compared(before: bytes, after: bytes, registration: Registration | None, source_type: str | None) -> bytes:
    """A JPEG of both side by side, the product at the same place in both where the registration is known."""
    right = _opened(after, _COMPARED_SIDE)
    needed = 0 if registration is None else side_needed(registration, right.size)
    left = _opened(before, max(_COMPARED_SIDE, needed))
    both = side_by_side(np.asarray(left, np.uint8), np.asarray(right, np.uint8), registration)
    return _encoded(Image.fromarray(both), "image/jpeg", source_type)


def _opened(data: bytes, longest: int | None) -> Image.Image:
    """A stored picture as RGB or RGBA, at most `longest` pixels on its long side."""
    with Image.open(io.BytesIO(data), formats=READABLE) as image:
        if longest is not None:
            image.draft("RGB", (longest, longest))
        pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return fitted(pixels, longest) if longest else pixels


def _encoded(image: Image.Image, content_type: str, source_type: str | None) -> bytes:
    buffer = io.BytesIO()
    image.info = {}
    format = content_type.removeprefix("image/").upper()
    said = provenance.saved(format, source_type)
    if format == "JPEG":
        _on_white(image).save(buffer, format, quality=92, subsampling=0, **said)
    elif format == "PNG":
        image.save(buffer, format, compress_level=4, **said)
    elif format == "WEBP":
        image.save(buffer, format, quality=92, method=2, **said)
    else:
        image.save(buffer, format, quality=85, speed=10, subsampling="4:4:4", **said)
    return buffer.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return white
