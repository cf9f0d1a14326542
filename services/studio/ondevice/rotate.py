"""The pixels of Rotate."""

from dataclasses import replace
from typing import Literal

import numpy as np

from services.studio.ondevice.affine import quarter_turn, tilt
from services.studio.ondevice.canvas import Canvas, Side
from services.studio.ondevice.geometry import quarter_turned, tilted
from services.studio.ondevice.work import Work

_CLOCKWISE: tuple[Side, ...] = ("top", "right", "bottom", "left")


def apply(
    canvas: Canvas,
    work: Work,
    *,
    turns: int,
    degrees: float,
    size: tuple[int, int],
    corners: Literal["crop", "transparent", "color"],
    color: tuple[int, int, int],
) -> Canvas:
    """Turn clockwise by quarter turns and then by 0 ≤ degrees < 90 into a frame of `size`."""
    canvas = canvas.reshaped(quarter_turn(turns, canvas.size), lambda plane: quarter_turned(plane, turns))
    canvas = replace(canvas, cut_off=tuple(_CLOCKWISE[(_CLOCKWISE.index(side) + turns) % 4] for side in canvas.cut_off))
    if degrees == 0:
        return canvas
    if corners == "transparent" and canvas.alpha is None:
        canvas = replace(canvas, alpha=np.full(canvas.rgb.shape[:2], 255, np.uint8), subject=None)
    corner = color if corners == "color" and canvas.alpha is None else None
    return canvas.reshaped(
        tilt(degrees, canvas.size, size),
        lambda plane: tilted(plane, degrees, *size, (0,)),
        lambda rgb: tilted(rgb, degrees, *size, corner),
    )
