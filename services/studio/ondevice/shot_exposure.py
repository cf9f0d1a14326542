"""How much brighter one of two shots of a thing was taken than the other: a camera sees white paper and takes less
light, sees black paper and takes more, and balances its white anew."""

from __future__ import annotations

import cv2
import numpy as np

from services.studio.ondevice.arrays import Field, Mask, Pixels

LEVELS = 14.0
"""sRGB levels plus this many are nearly a power of light, so that more light multiplies them (IEC 61966-2-1)."""
LOWEST, HIGHEST, STEP = float(np.log(0.6)), float(np.log(1.9)), 0.01  # logarithms of gains; light by 0.3 to 4
APART = 12  # levels by which the thing differs from the papers
ENOUGH = 100  # pixels
DARK, BRIGHT = 20.0, 80.0  # levels of a thing that tells little of the light, and of one that tells all
WINDOW = 9  # px in which a texture is looked at
TEXTURED = 16.0  # levels², the least variance of a texture
DIFFERENT = 0.03  # of a gain


def as_exposed(black: Pixels, gains: Field) -> Field:
    """The shot on black as if taken with as much light as the one on white, H×W×3 float32 levels."""
    table = (np.arange(256, dtype=np.float32)[:, None] + LEVELS) / gains - LEVELS
    return cv2.LUT(black, np.ascontiguousarray(table.astype(np.float32)[:, None, :]))


def strongest(channels: Field) -> Field:
    """The largest of each pixel's three channels, H×W."""
    red, green, blue = cv2.split(channels)
    return cv2.max(cv2.max(red, green), blue)


def find_gains(white: Pixels, black: Pixels, light: Field, shade: Field) -> Field:
    """How many times higher the levels of the shot on black are, by channel.

    white, black: H×W×3 uint8, small, lying on each other. light, shade: the papers' own levels there, H×W×3.
    """
    bright, dark = (cv2.blur(shot.astype(np.float32), (3, 3)) for shot in (white, black))
    thing = strongest(cv2.max(cv2.absdiff(bright, light), cv2.absdiff(dark, shade))) > APART
    seen = strongest(cv2.max(white, black)) < 248
    by_ratio = _by_ratio(bright + LEVELS, dark + LEVELS, thing & seen & _even(white))
    by_texture = _by_texture(white, black, thing & seen)
    if by_texture is None or np.abs(np.log(by_texture / by_ratio)).max() < DIFFERENT:
        return by_ratio
    return by_texture


def _by_ratio(bright: Field, dark: Field, chosen: Mask) -> Field:
    """Only what hides the paper has the same light in both shots: of all that is not paper it has the highest ratio of
    black to white, and where there is enough of it, it makes the highest peak of the ratios' histogram."""
    if chosen.sum() < ENOUGH:
        return np.ones(3, np.float32)
    bright, dark = bright[chosen], dark[chosen]
    together, level = np.log(dark.sum(axis=1) / bright.sum(axis=1)), dark.mean(axis=1)
    counts = _histogram(together, level**2)  # the ratio of dark levels is mostly noise
    peaks = np.flatnonzero((counts[1:-1] >= counts[:-2]) & (counts[1:-1] > counts[2:])) + 1
    for peak in peaks[::-1]:
        at = LOWEST + (peak + 0.5) * STEP
        near, beyond = np.abs(together - at) < 3 * STEP, together > at + 6 * STEP
        weight = level[near].sum()
        if near.sum() > ENOUGH and weight > 0.04 * level.sum() and level[beyond].sum() < 0.05 * level.sum():
            trust = np.clip((level[near].mean() - LEVELS - DARK) / (BRIGHT - DARK), 0, 1)
            gains: Field = np.exp(trust * np.median(np.log(dark[near] / bright[near]), axis=0)).astype(np.float32)
            return gains
    return np.full(3, np.exp(np.clip(np.percentile(together, 99), 0, HIGHEST)), np.float32)


def _by_texture(white: Pixels, black: Pixels, thing: Mask) -> Field | None:
    """Where the thing lets equally much through all around, its texture is in both shots, in proportion to the light.
    None where there is too little texture, or the places do not agree."""
    inner = cv2.erode(thing.astype(np.uint8), np.ones((WINDOW, WINDOW), np.uint8)) > 0
    inner[::2] = False
    gains = []
    for one, other in zip(cv2.split(white), cv2.split(black), strict=True):
        bright, dark = one.astype(np.float32), other.astype(np.float32)
        across, down, both = _spread(bright, bright), _spread(dark, dark), _spread(bright, dark)
        alike = inner & (np.minimum(across, down) > TEXTURED) & (both > 0) & (both * both > 0.9 * across * down)
        if alike.sum() < 3 * ENOUGH:
            return None
        ratios = np.log(down[alike] / across[alike]) / 2
        at = LOWEST + (int(_histogram(ratios, np.ones_like(ratios)).argmax()) + 0.5) * STEP
        near = np.abs(ratios - at) < 5 * STEP
        if near.mean() < 0.4:
            return None
        gains.append(float(np.exp(np.median(ratios[near]))))
    return np.array(gains, np.float32)


def _spread(one: Field, other: Field) -> Field:
    """The covariance of two channels in a window around each pixel."""
    size = (WINDOW, WINDOW)
    spread: Field = cv2.blur(one * other, size) - cv2.blur(one, size) * cv2.blur(other, size)
    return spread


def _histogram(logarithms: Field, weights: Field) -> Field:
    edges = np.arange(LOWEST, HIGHEST, STEP)
    counts = np.histogram(logarithms, edges, weights=weights)[0].astype(np.float32)
    smooth: Field = cv2.GaussianBlur(counts[None], (0, 0), 2.0)[0]
    return smooth


def _even(picture: Pixels) -> Mask:
    """Away from edges, along which the shots may not lie on each other."""
    even: Mask = strongest(cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))) < APART
    return even
