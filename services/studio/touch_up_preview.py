"""A touch-up at the size of a screen, for the editor. Runs in the pixel pool, whose helpers remember what they opened.

Nothing here has an effect but what it returns: a helper that remembers less takes longer and gives the same.
"""

import hashlib
import io
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from services.studio import encoding, pipeline
from services.studio.ondevice import touch_up
from services.studio.recipes import Output, parse_recipe

Pixels = npt.NDArray[np.uint8]
Steps = Sequence[Mapping[str, Any]]
Known = TypeVar("Known")

_AS_SHOWN = Output(format="jpeg", quality=88)
_opened: OrderedDict[str, Pixels] = OrderedDict()
_sketches: OrderedDict[str, touch_up.Sketch] = OrderedDict()
_OPENED_KEPT, _SKETCHES_KEPT = 8, 24  # about 2 and 5 MB each


def photo(source: bytes, steps: Steps, matte: bytes) -> bytes:
    """The photo before its product is cut out, a JPEG of the matte's size. `steps` are done to `source` first."""
    return encoding.encode(_photo(source, steps, _matte(matte)), _AS_SHOWN)


def alpha(source: bytes, steps: Steps, matte: bytes, strokes: Sequence[Mapping[str, Any]]) -> bytes:
    """The cut-out's alpha after the strokes, a grey PNG of the matte's size."""
    cut = _matte(matte)
    rgb = _photo(source, steps, cut)
    begun = f"{_digest(source, steps)}{hashlib.sha256(matte).hexdigest()}"
    now, _ = touch_up.touched_up(rgb, cut, rgb, _after(begun, rgb, cut, touch_up.strokes_of(strokes)))
    buffer = io.BytesIO()
    Image.fromarray(now).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _after(begun: str, rgb: Pixels, cut: Pixels, strokes: Sequence[touch_up.Stroke]) -> touch_up.Sketch:
    """The sketch after the strokes, worked out from the longest beginning that is remembered."""
    keys = [begun]
    for stroke in strokes:
        keys.append(hashlib.sha256(f"{keys[-1]}{stroke}".encode()).hexdigest())
    done = max((number for number, key in enumerate(keys) if key in _sketches), default=0)
    sketch = _remembered(_sketches, keys[done], lambda: touch_up.sketch(rgb, cut), _SKETCHES_KEPT)
    for key, stroke in zip(keys[done + 1 :], strokes[done:], strict=True):
        sketch = touch_up.stroked(sketch, stroke)
        _sketches[key] = sketch
    while len(_sketches) > _SKETCHES_KEPT:
        _sketches.popitem(last=False)
    return sketch


def _matte(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        return np.asarray(image.convert("L"), np.uint8)


def _photo(source: bytes, steps: Steps, matte: Pixels) -> Pixels:
    """H×W×3 of the matte's size."""
    size = matte.shape[::-1]
    return _remembered(_opened, f"{_digest(source, steps)}{size}", lambda: _uncut(source, steps, size), _OPENED_KEPT)


def _uncut(source: bytes, steps: Steps, size: tuple[int, int]) -> Pixels:
    pixels = encoding.decode(source)
    if steps:
        pixels = pipeline.run(pixels, parse_recipe({"steps": list(steps)})).pixels
    return np.asarray(cv2.resize(np.ascontiguousarray(pixels[..., :3]), size, interpolation=cv2.INTER_AREA), np.uint8)


def _digest(source: bytes, steps: Steps) -> str:
    return hashlib.sha256(source + json.dumps(list(steps), sort_keys=True).encode()).hexdigest()


def _remembered(known: OrderedDict[str, Known], key: str, make: Callable[[], Known], kept: int) -> Known:
    if key not in known:
        known[key] = make()
        while len(known) > kept:
            known.popitem(last=False)
    known.move_to_end(key)
    return known[key]
