"""What a finished picture shows: its ground, the product, and what stands beside it. Plain numpy and Pillow."""

from dataclasses import dataclass
from functools import cached_property
from math import ceil

import numpy as np
import numpy.typing as npt
from PIL import Image

from services.studio.marketplaces.pale_marks import pale_pieces
from services.studio.marketplaces.regions import (
    Box,
    Mask,
    Region,
    box_of,
    closed,
    grown,
    labelled,
    regions,
    spanned,
)
from services.studio.transparency import is_cut_out

Pixels = npt.NDArray[np.uint8]

WORKING_SIDE = 800
SMOOTH = 7
"""Levels by which a ground, with its soft shadows, may change from pixel to pixel at the working size."""
SAME = 10
"""Levels by which a pixel may differ from the ground's colour and still be ground."""
NEUTRAL = 14
"""Levels by which a soft shadow's hue may differ from the ground's."""
LONG_RIM = 0.3
"""Share of the frame's edge from which an even stretch of it is ground, whatever its colour: light that falls off."""
SMALLEST_PART = 0.0002
"""Share of the frame below which something is dirt on the ground and not a part."""
BRIDGED = 0.006
"""Gaps of up to twice this share of the frame's side do not part a thing."""
SHADOW_NEAR = 0.03
"""Share of the frame's side within which a soft grey piece belongs to the product's shadow."""
SHADOW_SOFT = 0.75
"""Share of such a piece that is without an edge."""
THIN = 0.15
"""Share of its box that a line around the product covers at most."""
PLAIN = 0.65
"""Share of the frame's edge that has to be ground for product and ground to be told apart."""
HAIR = 0.04
"""Share of the frame's side within which what is half seen through belongs to the product."""
PANEL = 0.88
"""From this share of both sides on, an even field around the product is ground."""


@dataclass(frozen=True)
class Scene:
    """A picture taken apart, on a grid of blocks of `block` × `block` pixels.

    rgb: what it shows, on white where it is transparent. ground: the colour along its edge. product: its pixels, with
    what lies between them. beside: other parts, the largest first. ink: all that is not ground, gaps left open.
    veil: where a product whose place is known is half seen through, as hair is. pale: pieces too faint to be parts.
    plain: whether ground and product could be told apart at all.
    """

    block: int
    size: tuple[int, int]
    rgb: Pixels
    ground: npt.NDArray[np.int16]
    product: Mask
    beside: tuple[Region, ...]
    ink: Mask
    veil: Mask
    pale: tuple[Region, ...]
    plain: bool

    @cached_property
    def product_box(self) -> Box | None:
        """Where the product is, on the grid; None where there is none."""
        return box_of(self.product) if self.product.any() else None

    @cached_property
    def uneven(self) -> npt.NDArray[np.int16]:
        """By how many levels a pixel the picture changes at each."""
        return unevenness(self.rgb)

    @cached_property
    def hue(self) -> npt.NDArray[np.int16]:
        """By how many levels each pixel's hue differs from the ground's."""
        return tint(self.rgb, self.ground)

    def place(self, box: Box) -> Box:
        """A box of the grid in pixels of the picture."""
        left, top, right, bottom = (side * self.block for side in box)
        return left, top, min(right, self.size[0]), min(bottom, self.size[1])


def see(pixels: Pixels, matte: Pixels | None = None) -> Scene:
    """Take a picture apart (H×W×3 or 4 uint8). `matte` (H×W uint8) is where the product is, if that is known."""
    height, width = pixels.shape[:2]
    block = max(1, ceil(max(height, width) / WORKING_SIDE))
    clear = pixels.shape[2] == 4 and is_cut_out(pixels[..., 3])
    rgb = _reduced(on_white(pixels), block)
    edge = np.concatenate([rgb[:2].reshape(-1, 3), rgb[-2:].reshape(-1, 3), *rgb[:, :2], *rgb[:, -2:]])
    ground = np.median(edge, axis=0).astype(np.int16)
    if matte is None and clear:
        matte = pixels[..., 3]
    if matte is None:
        ink, plain = _not_ground(rgb, ground)
        veil = np.zeros(ink.shape, bool)
    else:
        cover = _reduced(matte, block)
        ink, plain = cover >= 128, True
        veil = (cover > 0) & grown(ink, max(1, round(HAIR * min(ink.shape))))
    product, beside = _taken_apart(ink)
    pale: tuple[Region, ...] = ()
    if matte is None:
        if (inside := _inside_panel(rgb, product)) is not None:
            ink = inside
            product, beside = _taken_apart(ink)
        beside = _without_shadow(rgb, ground, ink, product, beside)
        pale = pale_pieces(rgb, ink, product) if plain else ()
    return Scene(block, (width, height), rgb, ground, product, beside, ink, veil, pale, plain)


def unevenness(rgb: Pixels) -> npt.NDArray[np.int16]:
    """By how many levels a pixel the picture changes at each, noise evened out along what changes: a ramp of 5 levels a
    pixel gives 5, a step of 10 levels as well."""
    padded = np.pad(rgb.astype(np.int16), ((1, 1), (1, 1), (0, 0)), mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    columns = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    across = np.abs(rows[:, 2:] - rows[:, :-2]).max(axis=2)
    down = np.abs(columns[2:] - columns[:-2]).max(axis=2)
    return np.asarray((np.maximum(across, down) + 3) // 6, np.int16)


def tint(rgb: Pixels, ground: npt.NDArray[np.int16]) -> npt.NDArray[np.int16]:
    """By how many levels each pixel's hue differs from the ground's, whatever its brightness."""
    away = rgb.astype(np.int16) - ground
    return np.asarray(away.max(axis=2) - away.min(axis=2), np.int16)


def _not_ground(rgb: Pixels, ground: npt.NDArray[np.int16]) -> tuple[Mask, bool]:
    """All that cannot be reached from the frame's edge without crossing an edge of the picture, and whether most of the
    frame's edge is ground. A soft shadow is reached, for it has no edge."""
    smooth = (unevenness(rgb) <= SMOOTH) & (tint(rgb, ground) <= NEUTRAL)
    away = np.abs(rgb.astype(np.int16) - ground).max(axis=2)
    labels, count = labelled(smooth)
    rim = np.zeros(smooth.shape, bool)
    rim[:2], rim[-2:], rim[:, :2], rim[:, -2:] = True, True, True, True
    outermost, distance = labels[rim], away[rim]
    chosen = np.zeros(count + 1, bool)
    for number, length in zip(*np.unique(outermost[outermost > 0], return_counts=True), strict=True):
        near = float(np.median(distance[outermost == number])) <= 2 * SAME
        chosen[number] = length >= 4 and (near or length >= LONG_RIM * outermost.size)
    reached = chosen[labels]
    for _ in range(4):  # the pixels of an edge that lie on the ground's side
        reached |= grown(reached, 1) & (away <= SAME)
    outer = np.concatenate([reached[0], reached[-1], reached[:, 0], reached[:, -1]])
    return ~reached, float(outer.mean()) >= PLAIN


def _taken_apart(ink: Mask) -> tuple[Mask, tuple[Region, ...]]:
    side = min(ink.shape)
    found = regions(closed(ink, max(1, round(BRIDGED * side))), max(4, round(SMALLEST_PART * ink.size)))
    if not found:
        return np.zeros(ink.shape, bool), ()
    product = spanned(found[0].mask)
    beside = []
    for part in found[1:]:
        if float(product[part.mask].mean()) > 0.8:
            product |= part.mask
        else:
            beside.append(part)
    return product, tuple(beside)


def _without_shadow(
    rgb: Pixels, ground: npt.NDArray[np.int16], ink: Mask, product: Mask, beside: tuple[Region, ...]
) -> tuple[Region, ...]:
    """The parts that are no soft grey pieces of the product's shadow, no slivers of its outline, nor the outline of a
    field around it."""
    soft = (unevenness(rgb) <= 1.5 * SMOOTH) & (tint(rgb, ground) <= NEUTRAL)
    around = grown(product, max(1, round(SHADOW_NEAR * min(ink.shape))))
    left, top, right, bottom = box_of(product)

    def outlines_a_field(part: Region) -> bool:
        around_it = part.box[0] < left and part.box[1] < top and part.box[2] > right and part.box[3] > bottom
        return around_it and part.area < THIN * part.width * part.height

    return tuple(
        part
        for part in beside
        if not outlines_a_field(part)
        and (
            not (around & part.mask).any()
            or (min(part.width, part.height) > 2 and float(soft[part.mask & ink].mean()) < SHADOW_SOFT)
        )
    )


def _inside_panel(rgb: Pixels, product: Mask) -> Mask | None:
    """What stands inside, if what looked like a product is an even field that fills the frame but for a border."""
    left, top, right, bottom = box_of(product)
    height, width = product.shape
    if right - left < max(16, PANEL * width) or bottom - top < max(16, PANEL * height):
        return None
    if product.sum() < 0.97 * (right - left) * (bottom - top):
        return None
    inner = rgb[top + 3 : bottom - 3, left + 3 : right - 3]
    rim = np.concatenate([inner[:2].reshape(-1, 3), inner[-2:].reshape(-1, 3), *inner[:, :2], *inner[:, -2:]])
    colour = np.median(rim, axis=0).astype(np.int16)
    if float((np.abs(rim.astype(np.int16) - colour).max(axis=1) <= 2 * SAME).mean()) < 0.95:
        return None
    found, _ = _not_ground(np.ascontiguousarray(inner), colour)
    if not 0.005 < found.mean() < 0.9:
        return None
    mask = np.zeros(product.shape, bool)
    mask[top + 3 : bottom - 3, left + 3 : right - 3] = found
    return mask


def on_white(pixels: Pixels) -> Pixels:
    """The picture without transparency, H×W×3."""
    if pixels.shape[2] == 3:
        return pixels
    white = Image.new("RGB", (pixels.shape[1], pixels.shape[0]), (255, 255, 255))
    image = Image.fromarray(np.ascontiguousarray(pixels))
    white.paste(image, mask=image.getchannel("A"))
    return np.asarray(white, np.uint8)


def _reduced(pixels: Pixels, block: int) -> Pixels:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image if block == 1 else image.reduce(block), np.uint8)
