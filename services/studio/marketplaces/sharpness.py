"""How soft a product is shown, measured on its own edges and in shares of its own size."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from services.studio.marketplaces.regions import Box, Mask, closed, grown

Pixels = npt.NDArray[np.uint8]
Plane = npt.NDArray[np.float32]

SIDE = 640
"""Longest side of the product, in pixels, at which it is measured; nothing is enlarged."""
SOFT = 0.0022
"""An edge is soft from this share of the product's longest side on (the sigma of the blur that made it so)."""
LEAST = 1.15
"""In pixels as measured: what any sharp edge may have, so that small pictures are not accused."""
FINE, COARSE = 1.0, 2.0
SHARPEST = 20
"""Per cent of the edges that count: the sharpest, since a round thing has soft ones by nature."""
ENOUGH = 60
"""Edge pixels without which nothing can be said."""


ONE_WAY = 0.08
"""Share of the edges that has to run one way for its blur to count by itself."""


@dataclass(frozen=True)
class Softness:
    """How wide a product's sharpest edges are, and up to what width they are sharp: the sigma of their blur, both as a
    share of the product's longest side."""

    share: float
    limit: float

    @property
    def blurred(self) -> bool:
        return self.share > self.limit


def softness(pixels: Pixels, box: Box, mask: Mask, longest: int) -> Softness | None:
    """Measure a product in a picture (H×W×3). None where it has too few edges to tell.

    box: where it is, with some room around it. mask: which of the box's pixels it covers, at any size. longest: its
    longest side in pixels of the picture.

    A blurred edge loses little when it is blurred once more, a sharp one much: the ratio of both slopes tells the blur
    whatever the contrast.
    """
    left, top, right, bottom = box
    scale = min(1.0, SIDE / max(longest, 1))
    side = max(1.0, longest * scale)
    size = (max(8, round((right - left) * scale)), max(8, round((bottom - top) * scale)))
    part = Image.fromarray(np.ascontiguousarray(pixels[top:bottom, left:right])).convert("L")
    light = np.asarray(part.resize(size, Image.Resampling.BOX), np.float32)
    own = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST), bool)
    sigmas, ways = _edges(light, _inside(own))
    if len(sigmas) < 3 * ENOUGH:
        sigmas, ways = _edges(light, grown(own, 4))
    if len(sigmas) < ENOUGH:
        return None
    widest = float(np.percentile(sigmas, SHARPEST))
    for way in range(4):  # what moved is soft along its way only
        these = sigmas[ways == way]
        if len(these) >= max(ENOUGH, ONE_WAY * len(sigmas)):
            widest = max(widest, float(np.percentile(these, SHARPEST)) / 2)
    return Softness(widest / side, max(SOFT, LEAST / side))


def _inside(own: Mask) -> Mask:
    """The product without its outline, which a cut-out draws anew."""
    return ~grown(~closed(own, 2), 4)


def _edges(light: Plane, where: Mask) -> tuple[Plane, npt.NDArray[np.int64]]:
    """The blur of each edge pixel, and which of four ways its slope runs, in eighths of a turn."""
    inside = np.zeros_like(where)
    inside[3:-3, 3:-3] = where[3:-3, 3:-3]
    if not inside.any():
        return np.zeros(0, np.float32), np.zeros(0, np.int64)
    across, down = _slopes(_blurred(light, FINE))
    fine, coarse = np.hypot(across, down), np.hypot(*_slopes(_blurred(light, COARSE)))
    level = np.maximum(np.roll(fine, 1, 1), np.roll(fine, -1, 1))
    upright = np.maximum(np.roll(fine, 1, 0), np.roll(fine, -1, 0))
    crest = fine >= np.where(np.abs(across) >= np.abs(down), level, upright)
    strong = inside & crest & (fine >= max(2.0, 0.25 * float(np.percentile(fine[inside], 99.5))))
    ratio = np.clip(fine[strong] / np.maximum(coarse[strong], 1e-3), 1.001, None)
    square = (COARSE**2 - (ratio * FINE) ** 2) / (ratio**2 - 1)
    ways = np.round(np.arctan2(down[strong], across[strong]) / (np.pi / 4)).astype(np.int64) % 4
    return np.sqrt(np.clip(square, 0, 400)).astype(np.float32), ways


def _blurred(plane: Plane, sigma: float) -> Plane:
    reach = round(3 * sigma)
    bell = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    bell /= bell.sum()
    for axis in (0, 1):
        padded = np.pad(plane, [(reach, reach) if each == axis else (0, 0) for each in (0, 1)], mode="edge")
        height, width = plane.shape
        mixed = np.zeros_like(plane)
        for shift, weight in enumerate(bell.astype(np.float32)):
            mixed += weight * (padded[shift : shift + height] if axis == 0 else padded[:, shift : shift + width])
        plane = mixed
    return plane


def _slopes(plane: Plane) -> tuple[Plane, Plane]:
    across, down = np.zeros_like(plane), np.zeros_like(plane)
    across[:, 1:-1] = plane[:, 2:] - plane[:, :-2]
    down[1:-1] = plane[2:] - plane[:-2]
    return across, down
