"""Is the whole ground white? Everything but the product, its soft shadow and what other rules speak of."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from services.studio.marketplaces.regions import Box, Mask, Region, closed, grown, regions
from services.studio.marketplaces.scene import NEUTRAL, SMOOTH, Scene

Pixels = npt.NDArray[np.uint8]

ROUND_PRODUCT = 18
"""Pixels around a product in which JPEG may leave traces of it."""
SHADOW_AREA = 0.6
"""Share of the product's area that its soft shadow may cover at most; what is larger is a grey ground."""
SOFT = 0.9
"""Share of a shadow's pixels that have to be without an edge."""
FLAT = 0.6
"""A shadow fades: what has one level over this share of it is a field of grey."""
PALE = 252
"""Above this level a shadow may look even: it is nearly gone."""
MARKED = 5
"""So many places are named, the largest."""


@dataclass(frozen=True)
class OffWhite:
    """What of the ground is not white: pixels, their share of the ground, the darkest colour, and where."""

    pixels: int
    share: float
    darkest: tuple[int, int, int]
    places: tuple[Box, ...]


def off_white(pixels: Pixels, scene: Scene, covered: Mask, tolerance: int, blur: float) -> OffWhite | None:
    """The ground's pixels of which a channel is more than `tolerance` below 255; None if there are none.

    covered: what is not ground, on the scene's grid. blur: how far the product's own colours run into the ground, in
    pixels (sigma).
    """
    red, green, blue = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    dim = np.minimum(np.minimum(red, green), blue) < 255 - tolerance  # a tenth of the time of min(axis=2)
    if pixels.shape[2] == 4:
        dim &= pixels[..., 3] == 255
    near = grown(covered, max(2, ceil((ROUND_PRODUCT + 3.5 * blur) / scene.block)))
    counts = _counts(dim, scene.block)
    counts[near] = 0
    beside = grown(near, 2)
    found = [
        region
        for region in regions(closed(counts > 0, 3) & ~near)
        if not _is_shadow(scene, region, bool(beside[region.mask].any()))
    ]
    bad = np.zeros(near.shape, bool)
    for region in found:
        bad |= region.mask
    if not counts[bad].any():
        return None
    wide = np.repeat(np.repeat(bad, scene.block, 0), scene.block, 1)[: dim.shape[0], : dim.shape[1]] & dim
    darkest = pixels[wide][:, :3].min(axis=0)
    return OffWhite(
        int(counts[bad].sum()),
        float((counts[bad] > 0).sum() / max(int((~near).sum()), 1)),
        (int(darkest[0]), int(darkest[1]), int(darkest[2])),
        tuple(scene.place(region.box) for region in found[:MARKED]),
    )


def _counts(mask: Mask, block: int) -> npt.NDArray[np.int16]:
    """How many pixels are set in each block of the grid."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % block), (0, -width % block)))
    counts = np.zeros((padded.shape[0] // block, padded.shape[1] // block), np.int16)
    for row in range(block):  # far quicker than sums over two short axes
        for column in range(block):
            counts += padded[row::block, column::block]
    return counts


def _is_shadow(scene: Scene, region: Region, touches: bool) -> bool:
    """A soft shadow touches the product, is no larger than a shadow, fades, has no edge and no hue, and ends before the
    frame does. What is hardly there at all, right beside the product, is what JPEG leaves."""
    height, width = scene.product.shape
    left, top, right, bottom = region.box
    if not touches or not scene.product.any() or left == 0 or top == 0 or right == width or bottom == height:
        return False
    if region.area < 4:
        return True
    if region.area > SHADOW_AREA * scene.product.sum():
        return False
    level = scene.rgb[region.mask].min(axis=1).astype(np.int16)
    middle = float(np.median(level))
    if middle <= PALE and float((np.abs(level - middle) <= 1).mean()) >= FLAT:
        return False
    soft = (scene.uneven <= 2 * SMOOTH) & (scene.hue <= NEUTRAL)
    return float(soft[region.mask].mean()) >= SOFT
