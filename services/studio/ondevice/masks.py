"""Parts of a mask (H×W bool) that hang together, and what is too narrow to count."""

from __future__ import annotations

import cv2
import numpy as np

from services.studio.ondevice.arrays import Mask


def touching_border(region: Mask) -> Mask:
    """The parts of a region that reach the picture's border."""
    border = np.ones_like(region)
    border[1:-1, 1:-1] = False
    return joined(region, border)


def joined(region: Mask, seeds: Mask) -> Mask:
    """The parts of a region that hold a seed."""
    _, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    chosen = np.zeros(int(labels.max()) + 1, bool)
    chosen[labels[seeds & region]] = True
    found: Mask = chosen[labels] & region
    return found


def opened(mask: Mask, size: int = 3) -> Mask:
    """The mask without what is narrower than `size` pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0
