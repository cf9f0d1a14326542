"""Pale pieces on a plain ground, too faint to have an edge of their own: what a watermark leaves there."""

import numpy as np
import numpy.typing as npt

from services.studio.marketplaces.regions import Mask, Region, closed, grown, regions

REACH = 0.02
"""Share of the frame's side around a pixel that it is compared with."""
LEAST, TIMES_NOISE = 5.0, 6.0
"""By how many levels a pixel has to differ from the ground around it, and how many times more than most of it does."""
NEAR = 0.03
"""Share of the frame's side within which a pale piece is taken for the product's shadow."""
BRIDGED = 0.006
SMALLEST = 0.0002


def pale_pieces(rgb: npt.NDArray[np.uint8], ink: Mask, product: Mask) -> tuple[Region, ...]:
    """The regions of a picture (H×W×3) that are made of pale pieces, alone or with some that stand out (`ink`)."""
    ground = ~grown(ink, 2)
    if not ground.any():
        return ()
    side = min(ink.shape)
    reach = max(3, round(REACH * side))
    count = np.maximum(_summed(ground.astype(np.float64), reach), 1)
    away = np.zeros(ink.shape)
    for channel in range(3):
        level = rgb[..., channel].astype(np.float64)
        np.maximum(away, np.abs(level - _summed(level * ground, reach) / count), out=away)
    limit = max(LEAST, TIMES_NOISE * float(np.median(away[ground])))
    pale = ground & (away >= limit)
    if not pale.any():
        return ()
    pieces = (pale | ink) & ~grown(product, 3)
    found = regions(closed(pieces, max(1, round(BRIDGED * side))), max(4, round(SMALLEST * ink.size)))
    near = grown(product, max(1, round(NEAR * side)))
    near[0], near[-1], near[:, 0], near[:, -1] = True, True, True, True  # where light falls off
    return tuple(piece for piece in found if bool(pale[piece.mask].any()) and not bool(near[piece.mask].any()))


def _summed(values: npt.NDArray[np.float64], reach: int) -> npt.NDArray[np.float64]:
    """For each place the sum of what is at most `reach` away, across and down."""
    for axis in (0, 1):
        room = [(reach + 1, reach) if each == axis else (0, 0) for each in (0, 1)]
        summed = np.cumsum(np.pad(values, room), axis=axis)
        places = np.arange(values.shape[axis])
        values = np.take(summed, places + 2 * reach + 1, axis=axis) - np.take(summed, places, axis=axis)
    return values
