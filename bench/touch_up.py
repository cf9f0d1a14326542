"""Strokes in the touch-up editor, through a real pool of helpers at screen size: the first, later ones, all again."""

import io
import json
import time
from statistics import median
from typing import Any

import cv2
import numpy as np
from PIL import Image

from bench.synthetic_products import draw
from services import pixels
from services.pixels import Limits

PICTURES, STROKES = 6, 10
SIDE = 1024
TASK = "services.studio.touch_up_preview:alpha"


def measure() -> dict[str, Any]:
    """Milliseconds: of the very first request, of each further stroke, of ten strokes that no helper remembers."""
    pixels.use_pool(Limits())
    first: list[float] = []
    further: list[float] = []
    afresh: list[float] = []
    try:
        for number in range(PICTURES):
            photo, matte, strokes = _picture(number)
            first.append(_milliseconds(photo, matte, []))
            further += [_milliseconds(photo, matte, strokes[: count + 1]) for count in range(STROKES)]
        pixels.use_pool(Limits())
        for number in range(3):
            photo, matte, strokes = _picture(number)
            _milliseconds(photo, matte, [])
            afresh.append(_milliseconds(photo, matte, strokes))
    finally:
        pixels.stop_pool()
    return {
        "first_ms": round(first[0]),
        "opened_ms": round(median(first[1:])),
        "p50_ms": round(median(further)),
        "p95_ms": round(float(np.percentile(further, 95))),
        "ten_afresh_ms": round(median(afresh)),
    }


def _picture(number: int) -> tuple[bytes, bytes, list[dict[str, Any]]]:
    """A busy drawing with a matte that has lost its lower half, and strokes to and fro across it."""
    composite = draw("busy", 7000 + number)
    scale = SIDE / max(composite.alpha.shape)
    size = (round(composite.alpha.shape[1] * scale), round(composite.alpha.shape[0] * scale))
    rgb = cv2.resize(composite.rgb, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize((composite.alpha * 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    alpha[size[1] // 2 :] = 0
    chance = np.random.default_rng(number)
    strokes = [
        {
            "mode": ("keep", "erase")[turn % 2],
            "points": [[round(float(share), 4) for share in chance.uniform(0.2, 0.8, 2)] for _ in range(12)],
            "width": 0.04,
            "softness": 0.0,
            "snap": True,
        }
        for turn in range(STROKES)
    ]
    return _file(rgb, "JPEG"), _file(alpha, "PNG"), strokes


def _file(array: Any, format: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(array).save(out, format)
    return out.getvalue()


def _milliseconds(photo: bytes, matte: bytes, strokes: list[dict[str, Any]]) -> float:
    begun = time.perf_counter()
    pixels.run(TASK, photo, [], matte, strokes, seconds=60)
    return (time.perf_counter() - begun) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
