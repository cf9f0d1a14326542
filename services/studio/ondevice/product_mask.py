"""Which pixels of a small picture are product: apart from the ground's colour, and not a shadow the product throws."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.studio.ondevice.arrays import Field, Mask, Pixels
from services.studio.ondevice.background_model import BackgroundModel, fit_border, refit

DEEPEST_SHADOW = 62.0  # Lab lightness a cast shadow may take away; a black product on white takes more
STEEPEST_SHADOW = 2.6  # Lab lightness per pixel at 720 px: shadows fade, products begin


@dataclass(frozen=True)
class ProductMask:
    """The product in a small picture, with what the confidence score needs to know about how it was found.

    mask, strict, loose: H×W bool; the answer, and the answers at a higher and a lower threshold.
    contrast: H×W float32, distance from the ground in Lab units with soft shadows discounted.
    slope: H×W float32, Lab units per pixel.
    """

    mask: Mask
    strict: Mask
    loose: Mask
    contrast: Field
    slope: Field
    threshold: float
    ground: BackgroundModel


def find_product(rgb: Pixels) -> ProductMask:
    """Separate product from ground in `rgb` (H×W×3 uint8 sRGB, longest side about 720 px)."""
    smooth = cv2.bilateralFilter(rgb, 5, 18, 5)
    lab = cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    ground = fit_border(lab)
    threshold = _threshold(ground)
    first = _reached_from_border(_contrast(lab, ground)[0] < threshold)
    ground = refit(lab, first, ground)
    threshold = _threshold(ground)

    contrast, tint, darker = _contrast(lab, ground)
    slope = _slope(lab)
    shadow = _shadow(contrast, tint, darker, slope, threshold)
    masks = [_tidy(~_opened(_reached_from_border((contrast < threshold * k) | shadow))) for k in (1.0, 1.5, 0.7)]
    holes = _holes(masks[0], contrast, shadow, threshold)
    return ProductMask(masks[0] & ~holes, masks[1] & ~holes, masks[2] & ~holes, contrast, slope, threshold, ground)


def _threshold(ground: BackgroundModel) -> float:
    return float(np.clip(3.5 * ground.spread + 3, 5, 16))


def _contrast(lab: Field, ground: BackgroundModel) -> tuple[Field, Field, Field]:
    """Distance from the ground, its colour part alone, and how much darker than the ground (positive Lab lightness)."""
    light = lab[..., 0] - ground.field[..., 0]
    # A shadow scales light, so in Lab it scales a and b along with L + 16: that much change of colour is no product.
    scale = np.where(light < 0, (lab[..., 0] + 16) / np.maximum(ground.field[..., 0] + 16, 1), 1)
    tint = np.hypot(lab[..., 1] - ground.field[..., 1] * scale, lab[..., 2] - ground.field[..., 2] * scale)
    return np.hypot(light, 1.3 * tint).astype(np.float32), tint.astype(np.float32), (-light).astype(np.float32)


def _slope(lab: Field) -> Field:
    blurred = cv2.GaussianBlur(lab, (0, 0), 1.0)
    across, down = cv2.Sobel(blurred, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(blurred, cv2.CV_32F, 0, 1) / 8
    slope: Field = np.sqrt((across**2 + down**2).sum(axis=-1))
    return slope


def _shadow(contrast: Field, tint: Field, darker: Field, slope: Field, threshold: float) -> Mask:
    """Ground in shadow: no new colour, darker but not black, fading gently, and joined to the open ground."""
    steep = STEEPEST_SHADOW * 720 / max(slope.shape)
    could = (
        (tint < 0.45 * threshold + 0.10 * np.maximum(darker, 0))
        & (darker > -threshold)
        & (darker < DEEPEST_SHADOW)
        & (slope < steep)
    )
    could |= contrast < 0.7 * threshold
    narrow = cv2.erode(could.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    reached = _reached_from_border(narrow)
    return (
        (cv2.dilate(reached.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
        & (darker < DEEPEST_SHADOW)
        & (tint < threshold)
    )


def _reached_from_border(passable: Mask) -> Mask:
    _, labels = cv2.connectedComponents(passable.astype(np.uint8), connectivity=4)
    edge = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return np.isin(labels, edge[edge > 0])


def _opened(mask: Mask) -> Mask:
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)) > 0


def _tidy(mask: Mask) -> Mask:
    """Drop specks: parts smaller than a thousandth of the picture or a twentieth of the largest part."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    large: Mask = (areas > max(0.001 * mask.size, 0.05 * areas.max()))[labels]
    return large


def _holes(mask: Mask, contrast: Field, shadow: Mask, threshold: float) -> Mask:
    """Ground seen through the product: a handle, a ring."""
    inside = _opened(mask & (contrast < threshold * 0.8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8))
    large = stats[:, cv2.CC_STAT_AREA] > 0.0008 * mask.size
    large[0] = False
    holes: Mask = large[labels]
    return holes
