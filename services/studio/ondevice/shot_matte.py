"""Alpha and clean colour of a thing photographed on white and on black paper, exact for every pixel.

Where the thing hides the paper both shots are alike; where it lets the paper through they differ by as much as the
papers do: alpha = 1 - (white shot - black shot) / (white paper - black paper) (Smith and Blinn, Blue Screen Matting,
1996), in sRGB levels, in which everything that shows the result mixes. What is left of either shot is the thing's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from services.studio.ondevice.arrays import Field, Pixels
from services.studio.ondevice.shot_alignment import Matrix
from services.studio.ondevice.shot_exposure import as_exposed
from services.studio.ondevice.shot_papers import Papers, opacity

TILE, MARGIN = 512, 4
HIDDEN = 0.025  # of the paper, on average around: so little is an error of light or place
BARELY = 0.02  # alpha, on average around: so little is noise


@dataclass(frozen=True)
class Shots:
    """Both pictures at full size, H×W×3 uint8, and where the places of the first are in the second. `swapped` says that
    the first is the one on black paper."""

    first: Pixels
    second: Pixels
    matrix: Matrix
    swapped: bool

    def tile(self, rows: slice, columns: slice) -> tuple[Pixels, Pixels]:
        """A part of the shot on white and the same part of the one on black."""
        here = self.first[rows, columns]
        offset = np.array([[1, 0, columns.start], [0, 1, rows.start], [0, 0, 1]], float)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size = here.shape[1], here.shape[0]
        there = cv2.warpAffine(self.second, self.matrix @ offset, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return (there, here) if self.swapped else (here, there)


def solve(shots: Shots, papers: Papers) -> tuple[Pixels, Pixels]:
    """Alpha (H×W uint8) and the thing's own colours (H×W×3 uint8) in the first shot's frame, for papers found small."""
    height, width = shots.first.shape[:2]
    alpha, colour = np.zeros((height, width), np.uint8), np.zeros((height, width, 3), np.uint8)
    near = cv2.dilate((~papers.ground).astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    for padded, inner, whole in _tiles(height, width):
        product = _sample(near, *padded, height, width)
        if product.max() < 0.01:
            continue
        white, black = shots.tile(*padded)
        light, shade = (_sample(field, *padded, height, width) for field in (papers.white, papers.black))
        seen, dark = white.astype(np.float32), as_exposed(black, papers.gains)
        share = _settled(opacity(seen, dark, light, shade)) * np.clip(2 * product, 0, 1)
        own = _own(seen, dark, light, shade, share, shots.swapped)
        alpha[whole], colour[whole] = _to_pixels(share * 255)[inner], _to_pixels(own)[inner]
    return alpha, colour


def _settled(alpha: Field) -> Field:
    """Alpha bounded to 0..1, without the noise at its ends. The mean around tells it apart from an edge: what two shots
    that lie a little apart take away on one side of a line they add on the other."""
    around = cv2.blur(alpha, (5, 5))
    through = np.clip((1 - around) / HIDDEN - 0.6, 0, 1) * (1 - alpha)
    visible = np.clip(around / BARELY - 0.6, 0, 1)
    settled: Field = np.clip((1 - through) * visible, 0, 1)
    return settled


def _own(white: Field, black: Field, light: Field, shade: Field, alpha: Field, swapped: bool) -> Field:
    """The thing's own levels. The first shot, which was not moved, says it where it is opaque; both where it is not."""
    through, share = (1 - alpha)[..., None], np.maximum(alpha, 0.02)[..., None]
    on_white, on_black = white - through * light, black - through * shade
    first = on_black if swapped else on_white
    mixed = (on_white + on_black) / 2
    opaque = np.clip((alpha - 0.9) / 0.08, 0, 1)[..., None]
    own: Field = (opaque * first + (1 - opaque) * mixed) / share
    return own


def _tiles(height: int, width: int) -> Iterator[tuple[tuple[slice, slice], tuple[slice, slice], tuple[slice, slice]]]:
    """Each part of the picture with a margin, that part within it, and that part within the picture."""
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            above, before = max(0, top - MARGIN), max(0, left - MARGIN)
            padded = slice(above, min(bottom + MARGIN, height)), slice(before, min(right + MARGIN, width))
            inner = slice(top - above, bottom - above), slice(left - before, right - before)
            yield padded, inner, (slice(top, bottom), slice(left, right))


def _sample(field: Field, rows: slice, columns: slice, height: int, width: int) -> Field:
    """The part of a small field under a tile of the full picture, bilinearly enlarged."""
    y, x = field.shape[0] / height, field.shape[1] / width
    matrix = np.array([[x, 0, (columns.start + 0.5) * x - 0.5], [0, y, (rows.start + 0.5) * y - 0.5]])
    size = columns.stop - columns.start, rows.stop - rows.start
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(field, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _to_pixels(values: Field) -> Pixels:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)
