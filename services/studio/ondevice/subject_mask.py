"""Which pixels of a small picture are product: apart from the ground's colour, and not a shadow the product throws."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.studio.ondevice.arrays import Field, Mask, Pixels
from services.studio.ondevice.background_model import BackgroundModel, fit_border, refit
from services.studio.ondevice.masks import joined, opened, touching_border

# Share of (Lab lightness + 16), the cube root of light, that a cast shadow takes: usually at most, and never more.
DEEPEST_SHADOW, BLACKEST_SHADOW = 0.37, 0.55
STEEPEST_SHADOW = 1.8  # Lab units per pixel at 720 px: shadows fade, products begin
SMALLEST_HOLE = 0.0015  # share of the picture
NEAR = np.ones((7, 7), np.uint8)
NARROW_GAP = 7  # px; a way into the product narrower than this is a weak spot of its outline


@dataclass(frozen=True)
class SubjectMask:
    """The product in a small picture, with what the confidence score needs to know about how it was found.

    mask, strict, loose: H×W bool; the answer, and the answers at a higher and a lower threshold.
    slope: H×W float32, Lab units per pixel.
    """

    mask: Mask
    strict: Mask
    loose: Mask
    slope: Field
    ground: BackgroundModel


def find_subject(rgb: Pixels) -> SubjectMask:
    """Separate product from ground in `rgb` (H×W×3 uint8 sRGB, longest side about 720 px)."""
    smooth = cv2.bilateralFilter(rgb, 5, 18, 5)
    lab = cv2.cvtColor(smooth.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    ground = fit_border(lab)
    threshold = _threshold(ground)
    first = touching_border(_compare(lab, ground).contrast < threshold)
    ground = refit(lab, first, ground)
    threshold = _threshold(ground)

    look = _compare(lab, ground)
    masks = []
    for strictness in (1.0, 1.5, 0.7):
        open_ground, shadow = _open_ground(look, threshold * strictness)
        product = _sure_subject(look, open_ground, shadow, threshold * strictness)
        open_ground = _up_to_the_edge(look, open_ground, product, threshold * strictness)
        masks.append(_tidy(opened(_meet_at_edges(lab - ground.field, open_ground, product))))
    return SubjectMask(masks[0], masks[1], masks[2], look.slope, ground)


@dataclass(frozen=True)
class _Look:
    """How each pixel differs from the ground, each H×W float32.

    contrast: distance in Lab units. tint: its colour part, beyond what shade does to the ground's own colour.
    shade: share of the ground's (lightness + 16) missing, negative where brighter. slope: Lab units per pixel.
    """

    contrast: Field
    tint: Field
    shade: Field
    slope: Field

    @property
    def steep(self) -> float:
        """The slope at which a shadow ends and an edge begins, for a picture of this size."""
        return STEEPEST_SHADOW * 720 / float(max(self.slope.shape))


def _threshold(ground: BackgroundModel) -> float:
    return float(min(max(3.5 * ground.spread + 3, 5.0), 16.0))


def _compare(lab: Field, ground: BackgroundModel) -> _Look:
    difference = lab - ground.field
    # A shadow scales light, so in Lab it scales a and b along with L + 16: that much change of colour is no product.
    left = (lab[..., 0] + 16) / np.maximum(ground.field[..., 0] + 16, 1)
    expected = ground.field[..., 1:] * np.minimum(left, 1)[..., None]
    tint = np.hypot(lab[..., 1] - expected[..., 0], lab[..., 2] - expected[..., 1])
    return _Look(np.hypot(difference[..., 0], 1.3 * tint), tint, 1 - left, _slope(lab))


def _slope(lab: Field) -> Field:
    blurred = cv2.GaussianBlur(lab, (0, 0), 1.0)
    across, down = (cv2.Sobel(blurred, cv2.CV_32F, *step, scale=1 / 8) for step in ((1, 0), (0, 1)))
    slope: Field = np.sqrt(np.einsum("ijc,ijc->ij", across, across) + np.einsum("ijc,ijc->ij", down, down))
    return slope


def _open_ground(look: _Look, threshold: float) -> tuple[Mask, Mask]:
    """Surely ground, lit or in shadow, and the wider region that deep shadow may cover, which is left open.

    Shade brings no new colour, takes some of the light, fades gently and joins lit ground.
    """
    plain = look.contrast < 0.7 * threshold
    gentle = look.slope < look.steep
    uncoloured = gentle & (look.tint < _shade_tint(look, threshold)) & (look.shade > -0.1)
    lit = touching_border(plain)
    shaded = plain | (uncoloured & (look.shade < DEEPEST_SHADOW))
    lit |= _holes(shaded & ~lit, plain, _grown(lit, 9), look)
    # Narrow gaps are where an outline is weak, not where ground goes on.
    ground = joined(opened(shaded, NARROW_GAP), lit) | lit
    shadow = joined(opened(ground | (uncoloured & (look.shade < BLACKEST_SHADOW)), 5), ground)
    return ground, shadow


def _up_to_the_edge(look: _Look, ground: Mask, product: Mask, threshold: float) -> Mask:
    """The ground with the steep shade next to a product: steep, but the product's own edge is steeper still."""
    before_edge = (look.slope < 0.4 * cv2.dilate(look.slope, np.ones((9, 9), np.uint8))) & _grown(ground, 15)
    like_shade = (look.tint < _shade_tint(look, threshold)) & (np.abs(look.shade) < DEEPEST_SHADOW)
    return joined(ground | (before_edge & like_shade & ~product), ground)


def _shade_tint(look: _Look, threshold: float) -> Field:
    """The most tint that shade may have: light reflected by the product colours its shadow."""
    tint: Field = 0.45 * threshold + 10 * np.maximum(look.shade, 0)
    return tint


def _sure_subject(look: _Look, ground: Mask, shadow: Mask, threshold: float) -> Mask:
    """Surely product: a colour, darkness or brightness no shadow has, or well inside what the open ground encloses."""
    # The blurred edge shows a little of the product outside its outline: too little to grow from.
    coloured = (look.tint > 1.6 * threshold) & (look.tint > 0.6 * cv2.dilate(look.tint, NEAR))
    black = (look.shade > BLACKEST_SHADOW) & (look.shade > 0.75 * cv2.dilate(look.shade, NEAR))
    striking = coloured | black | (look.shade < -0.02 * threshold)
    enclosed = ~ground & ~shadow & (look.contrast > 1.2 * threshold)
    # A narrow contact shadow is steep and enclosed too, so grey counts only where it is even.
    like_shade = (look.tint < _shade_tint(look, threshold)) & (look.shade < DEEPEST_SHADOW)
    enclosed_core = cv2.erode(enclosed.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    within = enclosed_core & (~like_shade | (look.slope < look.steep))
    return (striking | within) & ~ground


def _meet_at_edges(difference: Field, open_ground: Mask, product: Mask) -> Mask:
    """Let ground and product grow towards each other until they meet, at the steepest step between them (watershed)."""
    if not product.any() or not open_ground.any():
        return product
    picture = np.clip(difference * (1.2, 2.0, 2.0) + (200, 128, 128), 0, 255).astype(np.uint8)
    labels = np.where(product, 2, np.where(open_ground, 1, 0)).astype(np.int32)
    cv2.watershed(picture, labels)
    return cv2.dilate((labels == 2).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def _tidy(mask: Mask) -> Mask:
    """Drop specks: parts smaller than a thousandth of the picture or a twentieth of the largest part."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    areas = stats[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    large: Mask = (areas > max(0.001 * mask.size, 0.05 * areas.max()))[labels]
    return large


def _holes(enclosed: Mask, plain: Mask, near_lit: Mask, look: _Look) -> Mask:
    """Ground seen through the product (a handle, a ring): sizeable patches with a sharp edge, lit or in light shade.

    A highlight can be as bright as the ground, but it fades into the product around it; a grey product can look like
    shade, but it borders on lit ground itself.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened(enclosed).astype(np.uint8), connectivity=4)
    holes = np.zeros_like(plain)
    for label in range(1, count):
        left, top, width, height, area = stats[label]
        if area < SMALLEST_HOLE * plain.size:
            continue
        window = slice(max(top - 8, 0), top + height + 8), slice(max(left - 8, 0), left + width + 8)
        patch = labels[window] == label
        around = _grown(patch, 13) & ~patch
        if not around.any():
            continue
        step = 100 * float(np.percentile(np.abs(look.shade[window][around]), 75))
        edge = cv2.dilate(look.slope[window], np.ones((9, 9), np.uint8))[_grown(patch, 3) & ~patch]
        mostly_sharp, sharp_all_round = np.percentile(edge, (50, 15)) > max(1.2, 0.15 * step)
        lit = plain[window][patch].mean() > 0.25
        within = near_lit[window][around].mean() < 0.1 and float(np.median(look.shade[window][patch])) < 0.25
        if (mostly_sharp and lit) or (sharp_all_round and within):
            holes[window] |= patch
    return holes


def _grown(mask: Mask, size: int) -> Mask:
    return cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)) > 0
