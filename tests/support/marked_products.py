"""A drawn product with three marks, and where the marks are found in what was made of it."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Point = tuple[float, float]

GROUND = (236, 236, 234)
MARKS: dict[tuple[int, int, int], Point] = {
    (210, 30, 30): (0.38, 0.36),
    (20, 150, 50): (0.62, 0.44),
    (30, 50, 220): (0.45, 0.64),
}
"""Colour and place of each mark, in shares of the picture's sides."""

RADIUS = 0.05
"""Of a mark, as a share of the shorter side."""


def marked_product(
    width: int, height: int, *, transparent: bool = False, size: float = 1.0, radius: float = RADIUS
) -> Pixels:
    """A dark grey thing in the middle of a pale or transparent ground, H×W×4, with round marks around its middle."""
    pixels = np.full((height, width, 4), (*GROUND, 0 if transparent else 255), np.uint8)
    across, down = 0.32 * size * width, 0.38 * size * height
    left, top = round(width / 2 - across), round(height / 2 - down)
    pixels[top : round(height / 2 + down), left : round(width / 2 + across)] = (70, 70, 72, 255)
    of_mark = radius * size * min(width, height)
    for color, place in MARKS.items():
        x, y = mark_at(place, width, height, size)
        center = round((x - 0.5) * 1024), round((y - 0.5) * 1024)
        cv2.circle(pixels, center, round(of_mark * 1024), (*color, 255), cv2.FILLED, cv2.LINE_AA, 10)
    return pixels


def mark_at(place: Point, width: int, height: int, size: float = 1.0) -> Point:
    """Where the mark for `place` is in a picture of that size, in pixels from its corner."""
    return (0.5 + (place[0] - 0.5) * size) * width, (0.5 + (place[1] - 0.5) * size) * height


def found_marks(pixels: Pixels, colors: Iterable[tuple[int, int, int]] = MARKS) -> list[Point]:
    """The middle of each mark in H×W×3 or 4, in pixels from the corner; of marks that are not there, not a number."""
    rgb = pixels[..., :3].astype(np.float64)
    found = []
    for color in colors:
        channel = int(np.argmax(color))
        others = np.delete(rgb, channel, axis=2).max(axis=2)
        weight = np.clip(rgb[..., channel] - others - 25, 0, None)
        if pixels.shape[2] == 4:
            weight *= pixels[..., 3] / 255
        total = float(weight.sum()) or float("nan")
        rows, columns = np.arange(weight.shape[0]) + 0.5, np.arange(weight.shape[1]) + 0.5
        found.append((float((weight.sum(axis=0) @ columns) / total), float((weight.sum(axis=1) @ rows) / total)))
    return found
