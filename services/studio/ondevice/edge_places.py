"""Where on a product's edge to look first when a cut-out is judged."""

import math

import cv2
import numpy as np

from services.studio.ondevice.geometry import reduced
from services.studio.ondevice.work import Pixels

LOOKED_AT = 512
"""Long side in pixels at which the matte is looked at."""

MOST = 6
APART = 0.15
"""How far one place is from the next at least, as a share of the diagonal."""


def edge_places(matte: Pixels) -> tuple[tuple[float, float], ...]:
    """(x, y) of up to six places in shares of the sides, the one with most edge around it first: there are hair, holes
    and thin parts. A soft shadow is no edge. `matte` is H×W uint8."""
    rows, columns = matte.shape
    share = min(1.0, LOOKED_AT / max(rows, columns))
    width, height = max(1, round(columns * share)), max(1, round(rows * share))
    small = cv2.GaussianBlur(reduced(matte, width, height), (0, 0), 1.0).astype(np.float32)
    steep = cv2.magnitude(cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1))
    left = cv2.GaussianBlur(steep, (0, 0), max(width, height) / 40)
    left[steep < max(1.0, 0.4 * float(steep.max()))] = 0
    apart = round(APART * math.hypot(width, height))
    places: list[tuple[float, float]] = []
    while len(places) < MOST and float(left.max()) > 0:
        y, x = np.unravel_index(int(left.argmax()), left.shape)
        places.append((round((float(x) + 0.5) / width, 4), round((float(y) + 0.5) / height, 4)))
        cv2.circle(left, (int(x), int(y)), apart, 0.0, cv2.FILLED)
    return tuple(places)
