"""Unsharp masking that leaves grain alone and draws no halos."""

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

STRIP = 1024
"""Rows worked on at a time, so that a 50-megapixel picture needs little more memory than itself."""


def sharpened(rgb: Pixels, radius: float, amount: float, grain: float = 2.0, overshoot: int = 6) -> Pixels:
    """Sharpen H×W×3 uint8 by its luma.

    radius: standard deviation of the blur that is subtracted, in pixels. amount: 0 does nothing, 1 is strong.
    grain: differences up to this many levels count as noise and stay as they are.
    overshoot: how many levels an edge may pass the brightest or darkest pixel beside it; more would show as a halo.
    """
    result = np.empty_like(rgb)
    margin = int(4 * radius) + 2
    for top in range(0, rgb.shape[0], STRIP):
        bottom = min(rgb.shape[0], top + STRIP)
        above, below = max(0, top - margin), min(rgb.shape[0], bottom + margin)
        luma = cv2.cvtColor(rgb[above:below], cv2.COLOR_RGB2GRAY)
        detail = cv2.subtract(luma, cv2.GaussianBlur(luma, (0, 0), radius), dtype=cv2.CV_32F)
        detail = np.asarray(detail - np.clip(detail, -grain, grain), np.float32) * np.float32(amount)
        neighbours = np.ones((3, 3), np.uint8)
        ceiling = cv2.subtract(cv2.dilate(luma, neighbours), luma, dtype=cv2.CV_32F) + overshoot
        floor = cv2.subtract(cv2.erode(luma, neighbours), luma, dtype=cv2.CV_32F) - overshoot
        detail = np.clip(detail, floor, ceiling)[top - above : bottom - above]
        change = cv2.merge([detail, detail, detail])
        result[top:bottom] = cv2.add(rgb[top:bottom], change, dtype=cv2.CV_8U)
    return result
