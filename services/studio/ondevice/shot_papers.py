"""The two papers behind a thing that was photographed twice: which picture has the white one, how the light falls on
each, how much brighter one shot was taken than the other, and where nothing but paper is seen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.studio.ondevice.alpha_matte import spread_colour
from services.studio.ondevice.arrays import Field, Mask, Pixels
from services.studio.ondevice.background_model import fit_border
from services.studio.ondevice.masks import joined, opened, touching_border
from services.studio.ondevice.shot_exposure import LEVELS, as_exposed, find_gains, strongest

CLIPPED = 253.5  # levels
FIT_AT = 250  # longest side, px
GRADUAL = 20.0  # of alpha: what a shadow changes by at most from one side of the picture to the other
ADDED = 2.5  # levels that a thing adds to black paper at least, where it is seen at all
FAINT = 0.06  # alpha that may still be an error of the papers' light
DEEPEST_SHADOW = 0.75
HOLES_APART, HOLES_STEP = 8.0, 0.12  # px; alpha by which a hole of a net differs from what is around it
LARGEST_HOLE, MANY_HOLES = 0.003, 20  # share of the picture; how many of them make a net


@dataclass(frozen=True)
class Papers:
    """What stands behind the thing, in a small picture's frame.

    white, black: H×W×3 float32 levels. gains: by channel, what the second shot's levels are divided by (`as_exposed`);
    `black` already is. ground: H×W bool, where nothing but paper is seen. spread: Lab units by which the papers
    differ from a smooth field. unexplained: share 0..1 of the border that is not paper.
    """

    white: Field
    black: Field
    gains: Field
    ground: Mask
    spread: float
    unexplained: float


def brightness(picture: Pixels) -> float:
    """Median level of a picture's border, 0..255."""
    side = max(1, round(0.03 * max(picture.shape[:2])))
    edges = (picture[:side], picture[-side:], picture[:, :side], picture[:, -side:])
    return float(np.median(np.concatenate([edge.reshape(-1, 3) for edge in edges])))


def find_papers(white: Pixels, black: Pixels) -> Papers:
    """Learn both from two small pictures (H×W×3 uint8 each) that lie on each other."""
    white_fit, white_spread, unexplained = _border_field(white)
    black_fit, black_spread, _ = _border_field(black)
    gains = find_gains(white, black, white_fit, black_fit)
    dark = as_exposed(black, gains)
    dark_fit = (black_fit + LEVELS) / gains - LEVELS
    bright = white.astype(np.float32)
    light, shade = white_fit, dark_fit
    ground = _lit(bright, dark, light, shade)
    for _ in range(3):
        known = _eroded(ground)
        light, shade = _continued(bright, light, known), _continued(dark, shade, known)
        ground = ground | _shaded(bright, dark, light, shade, ground)
    holes = _holes(bright, dark, light, shade)
    ground, known = ground | holes, _eroded(ground) | holes
    light, shade = _continued(bright, light, known), _continued(dark, shade, known)
    return Papers(light, shade, gains, ground, max(white_spread, black_spread), unexplained)


def opacity(white: Field, black: Field, light: Field, shade: Field) -> Field:
    """Alpha (H×W float32, not bounded) of what hides the difference between the papers; clipped parts count little."""
    paper = light - shade
    weight = paper * np.where(white < CLIPPED, np.float32(1), np.float32(0.02))
    lost: Field = _summed((white - black) * weight) / np.maximum(_summed(paper * weight), 1)
    return 1 - lost


def _summed(channels: Field) -> Field:
    return cv2.transform(channels, np.ones((1, 3), np.float32))


def _border_field(picture: Pixels) -> tuple[Field, float, float]:
    """The smooth field of a picture's border in levels, how far the border is from it, and what is not of it."""
    height, width = picture.shape[:2]
    share = min(1.0, FIT_AT / max(height, width))
    size = max(1, round(width * share)), max(1, round(height * share))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    fit = fit_border(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    field = 255 * cv2.cvtColor(fit.field, cv2.COLOR_LAB2RGB)
    return cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), fit.spread, fit.unexplained


def _lit(bright: Field, dark: Field, light: Field, shade: Field) -> Mask:
    """Paper in full light: alike in both shots to what the border says, and joined to it."""
    alpha = opacity(bright, dark, light, shade)
    added = strongest(cv2.absdiff(dark, shade))
    plain = (np.abs(cv2.blur(alpha, (3, 3))) < FAINT) & (cv2.blur(added, (3, 3)) < 3 * ADDED)
    return touching_border(opened(plain, 5))


def _shaded(bright: Field, dark: Field, light: Field, shade: Field, ground: Mask) -> Mask:
    """More paper: next to what is known, darker at most by what a shadow takes and without an edge; and what is
    enclosed by the thing but has the light of the paper around."""
    alpha = cv2.GaussianBlur(opacity(bright, dark, light, shade), (0, 0), 1.0)
    across, down = cv2.Sobel(alpha, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(alpha, cv2.CV_32F, 0, 1, scale=1 / 8)
    gentle = np.hypot(across, down) * max(alpha.shape) < GRADUAL
    nothing_added = _added(dark, shade, alpha) < ADDED
    shadow = gentle & nothing_added & (alpha < DEEPEST_SHADOW) & (alpha > -FAINT)
    beside = joined(opened(shadow, 7) | ground, ground)
    enclosed = gentle & nothing_added & (np.abs(alpha) < FAINT)
    return beside | _eroded(enclosed)


def _holes(bright: Field, dark: Field, light: Field, shade: Field) -> Mask:
    """The middles of a net's holes: many small places that let more through than what is around them and add nothing.
    They show the shadow of the net on its paper; a glass has few such places."""
    alpha = opacity(bright, dark, light, shade)
    open_here = alpha < cv2.GaussianBlur(alpha, (0, 0), HOLES_APART) - HOLES_STEP
    open_here &= (_added(dark, shade, alpha, 0.7) < 2 * ADDED) & (alpha < DEEPEST_SHADOW)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(open_here.astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < LARGEST_HOLE * alpha.size
    small[0] = False
    if small.sum() < MANY_HOLES:
        return np.zeros(alpha.shape, bool)
    middles: Mask = small[labels] & (alpha < cv2.erode(alpha, np.ones((5, 5), np.uint8)) + HOLES_STEP / 4)
    return middles


def _added(dark: Field, shade: Field, alpha: Field, blur: float = 1.5) -> Field:
    """Levels of light that come from the thing itself, the largest of a pixel's channels."""
    own = cv2.GaussianBlur(dark - (1 - alpha)[..., None] * shade, (0, 0), blur)
    return strongest(np.abs(own))


def _continued(seen: Field, field: Field, known: Mask) -> Field:
    """The paper's light as seen where there is only paper, continued behind the thing."""
    if not known.any():
        return field
    weight = cv2.GaussianBlur(known.astype(np.float32), (0, 0), 1.5)
    missed = (seen - field) * known[..., None]
    calm = cv2.GaussianBlur(missed, (0, 0), 1.5) / np.maximum(weight, 1e-3)[..., None]
    return field + spread_colour(calm, known)


def _eroded(mask: Mask) -> Mask:
    return cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
