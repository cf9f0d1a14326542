"""At which sides of its frame a shape is cut off, as pure arithmetic on its mask."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from services.studio.marketplaces.regions import Box, Mask

Side = Literal["top", "right", "bottom", "left"]
SIDES: tuple[Side, ...] = ("top", "right", "bottom", "left")

SKIN = 0.003
"""Share of the shorter side, at the frame's edge, in which a matte may fade."""
DEEP = 0.02
"""How far in, as a share of the shorter side, the shape's width is compared."""
SHORTEST = 0.015
"""Share of the shorter side that a cut is long at least: a cable counts, dust does not."""
STEEP = 0.5
"""What runs on beyond the frame is at its edge at least this share as wide as further in; what only touches is not."""
THICK = 0.02
"""How thick the place of a cut is marked, as a share of the picture's shorter side."""


def sides_cut(mask: Mask) -> tuple[Side, ...]:
    """The sides at which a shape runs on beyond its frame."""
    shorter = min(mask.shape)
    skin, deep = max(1, round(SKIN * shorter)), max(2, round(DEEP * shorter))
    found = []
    for side, turned in zip(SIDES, (mask, mask.T[::-1], mask[::-1], mask.T), strict=True):
        edge, inner = _width(turned[:skin]), _width(turned[deep : deep + skin])
        if edge >= max(2, SHORTEST * shorter) and edge >= STEEP * inner:
            found.append(side)
    return tuple(found)


def touches_every_side(mask: Mask) -> bool:
    """Whether a shape was trimmed to its own box: then the frame says nothing of where it ends."""
    return bool(mask[0].any() and mask[-1].any() and mask[:, 0].any() and mask[:, -1].any())


def strip(box: Box, side: Side, size: tuple[int, int]) -> Box:
    """The place of a cut at a side of the product's box, in a picture of `size`."""
    thick = max(2, round(THICK * min(size)))
    left, top, right, bottom = box
    return {
        "top": (left, top, right, min(bottom, top + thick)),
        "right": (max(left, right - thick), top, right, bottom),
        "bottom": (left, max(top, bottom - thick), right, bottom),
        "left": (left, top, min(right, left + thick), bottom),
    }[side]


def _width(rows: npt.NDArray[np.bool_]) -> int:
    return int(rows.any(axis=0).sum())
