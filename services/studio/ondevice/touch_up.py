"""Touching up a cut-out: strokes change its mask, up to the product's true edge, and the edge is solved again there.

A stroke first spreads in a small picture: a graph cut between the colours under it and those of the other side, of
which only what hangs together with the stroke counts. So a rough stroke over a lost part brings it back as a whole, and
what lies apart stays as it is. The way the new outline runs is then found at the steepest step near it, in a larger
picture, and its alpha at full size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from services.studio.ondevice import alpha_matte
from services.studio.ondevice.arrays import Field, Mask, Pixels
from services.studio.ondevice.backdrop import blended
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.masks import joined
from services.studio.ondevice.refusals import Refusal
from services.studio.ondevice.work import Work

SOLVE_AT = 720  # longest side, px: where outlines are found
SPREAD_AT = 360  # the same, where strokes spread
CLICK = 0.03  # width of what a click touches, as a share of the longer side
NEAR_OUTLINE = 4  # px: how far a true edge may be from the outline that spreading gave
SAMPLES = 2000
NOT_FAR = 0.08  # share of the longer side; closer than that, the other side's colours may be the stroke's own
NEIGHBOURS = 0.06  # of the longer side; closer than that, what a side has already is like what it gains
SPECK = 0.01
SCRAP = 0.2  # share of what a stroke gained: smaller parts that it cut off go with it
ERASED, KEPT, OPEN = 0, 1, 2
_NO_BOX = (0, 0, 0, 0)  # OpenCV wants one, though labels say all


class NothingToTouchUp(Refusal):
    """A touch-up stands where no cut-out came just before it."""

    message = "A touch-up needs a cut-out just before it. Put 'Remove background' before it in the recipe."


@dataclass(frozen=True)
class Stroke:
    """One stroke. `points` are (x, y) in shares of width and height, `width` is a share of the longer side."""

    mode: str
    points: tuple[tuple[float, float], ...]
    width: float
    softness: float = 0.0
    snap: bool = True

    @property
    def is_product(self) -> bool:
        """Whether it says that something is product."""
        return self.mode in ("keep", "add")

    @property
    def is_click(self) -> bool:
        return self.mode in ("add", "remove")


@dataclass(frozen=True)
class Sketch:
    """A cut-out on its way through strokes, at solving size.

    rgb: h×w×3 uint8. smooth: the same without grain. first, mask: h×w bool, the product before the first stroke and
    now. solid: the same as mask but for what brushes without snapping painted: paint, cover: h×w float32, that alpha
    0..1 times its cover, and the cover. said: h×w uint8, what strokes say of a pixel: ERASED, KEPT or OPEN.
    """

    rgb: Pixels
    smooth: Pixels
    first: Mask
    mask: Mask
    solid: Mask
    said: Pixels
    paint: Field
    cover: Field


def apply(canvas: Canvas, work: Work, **_: Any) -> Canvas:
    """Only reached where no cut-out came just before; with one, it is a part of that."""
    raise NothingToTouchUp


def strokes_of(plain: Iterable[Mapping[str, Any]]) -> tuple[Stroke, ...]:
    """Strokes from the parameters of the operation."""
    return tuple(Stroke(**{**one, "points": tuple((x, y) for x, y in one["points"])}) for one in plain)


def sketch(rgb: Pixels, alpha: Pixels) -> Sketch:
    """The beginning: a photo (H×W×3 uint8 sRGB) and its cut-out's alpha (uint8, of the same shape, any size)."""
    scale = min(1.0, SOLVE_AT / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 127
    nothing = np.zeros(mask.shape, np.float32)
    said = np.full(mask.shape, OPEN, np.uint8)
    return Sketch(small, cv2.bilateralFilter(small, 5, 18, 5), mask, mask, mask, said, nothing, nothing)


def stroked(before: Sketch, stroke: Stroke) -> Sketch:
    """The same after one more stroke."""
    if stroke.is_click:
        return _clicked(before, stroke)
    brush = _brush(before.mask.shape, stroke)
    if not stroke.snap:
        return _painted(before, brush, stroke.is_product)
    return _spread(before, stroke, brush >= 1)


def touched_up(rgb: Pixels, alpha: Pixels, foreground: Pixels, after: Sketch) -> tuple[Pixels, Pixels]:
    """Alpha (H×W uint8) and clean colours (H×W×3) of a cut-out, solved again where strokes changed it.

    rgb, alpha, foreground: the photo and its cut-out as they were, at any size.
    """
    alpha, foreground = _solved_again(rgb, alpha, foreground, after)
    if not after.cover.any():
        return alpha, foreground
    size = alpha.shape[::-1]
    cover = cv2.resize(after.cover, size, interpolation=cv2.INTER_LINEAR)
    paint = cv2.resize(after.paint, size, interpolation=cv2.INTER_LINEAR)
    painted = np.clip(paint * 255 + (1 - cover) * alpha + 0.5, 0, 255).astype(np.uint8)
    own = np.clip(paint * 255, 0, 255).astype(np.uint8)  # what was painted as product has the photo's own colours
    return painted, blended(foreground, rgb, own)


def _solved_again(rgb: Pixels, alpha: Pixels, foreground: Pixels, after: Sketch) -> tuple[Pixels, Pixels]:
    changed = (after.solid != after.first).astype(np.uint8)
    if not changed.any():
        return alpha, foreground
    near = cv2.dilate(changed, np.ones((11, 11), np.uint8))
    left, top, width, height = cv2.boundingRect(near)
    rows, columns = after.mask.shape
    across, down = alpha.shape[1] / columns, alpha.shape[0] / rows
    margin = 32
    x0, y0 = max(0, left - margin), max(0, top - margin)
    x1, y1 = min(columns, left + width + margin), min(rows, top + height + margin)
    part = (slice(round(y0 * down), round(y1 * down)), slice(round(x0 * across), round(x1 * across)))
    solved, colours = alpha_matte.matte(np.ascontiguousarray(rgb[part]), after.solid[y0:y1, x0:x1])
    share = cv2.GaussianBlur(near[y0:y1, x0:x1].astype(np.float32), (0, 0), 1.5)
    share = cv2.resize(share, solved.shape[::-1], interpolation=cv2.INTER_LINEAR)
    alpha, foreground = alpha.copy(), foreground.copy()
    alpha[part] = np.clip(share * solved + (1 - share) * alpha[part] + 0.5, 0, 255).astype(np.uint8)
    matte = np.clip(share * 255 + 0.5, 0, 255).astype(np.uint8)
    foreground[part] = blended(np.ascontiguousarray(foreground[part]), colours, matte)
    return alpha, foreground


def _brush(shape: tuple[int, ...], stroke: Stroke) -> Field:
    """How much each pixel was brushed, h×w float32 0..1: fully inside, less from where the soft rim begins."""
    radius = max(0.75, stroke.width * max(shape) / 2)
    away = cv2.distanceTransform(1 - _line(shape, stroke.points, 1), cv2.DIST_L2, 5)
    rim = max(stroke.softness * radius, 1.0)
    brushed: Field = np.clip((radius - away) / rim + (1.0 if stroke.softness == 0 else 0.0), 0, 1).astype(np.float32)
    return brushed


def _line(shape: tuple[int, ...], points: Iterable[tuple[float, float]], thickness: int) -> Pixels:
    """Where a line through these points runs, h×w uint8 0 or 1."""
    rows, columns = shape[:2]
    drawn = np.zeros((rows, columns), np.uint8)
    path = np.array([(x * columns - 0.5, y * rows - 0.5) for x, y in points])
    path = np.round(np.clip(path, 0, (columns - 1, rows - 1))).astype(np.int32)
    cv2.polylines(drawn, [path], False, 1, thickness)
    drawn[path[:, 1], path[:, 0]] = 1  # a line of one point draws nothing
    return drawn


def _painted(before: Sketch, brush: Field, is_product: bool) -> Sketch:
    """Exactly where the brush went, whatever is there."""
    value = 1.0 if is_product else 0.0
    mask, said = before.mask.copy(), before.said.copy()
    mask[brush > 0.5] = is_product
    said[brush > 0.5] = KEPT if is_product else ERASED
    cover = brush + before.cover * (1 - brush)
    paint = brush * value + before.paint * (1 - brush)
    return replace(before, mask=mask, said=said, cover=cover, paint=paint)


def _clicked(before: Sketch, stroke: Stroke) -> Sketch:
    """The object under the point: if a part of the cut-out that stands apart is to go, all of it; else what looks like
    the spot and hangs together with it."""
    width = max(CLICK, 3 / max(before.mask.shape))
    spot = _brush(before.mask.shape, replace(stroke, points=stroke.points[:1], width=width, softness=0.0)) >= 1
    if not stroke.is_product:
        count, parts = cv2.connectedComponents(before.mask.astype(np.uint8))
        x, y = stroke.points[0]
        part = parts[_at(y, parts.shape[0]), _at(x, parts.shape[1])]
        if part > 0 and count > 2:
            return _settled(before, before.mask & (parts == part), spot, is_product=False)
    return _spread(before, stroke, spot)


def _at(share: float, count: int) -> int:
    return min(count - 1, int(share * count))


def _spread(before: Sketch, stroke: Stroke, core: Mask) -> Sketch:
    """What the stroke covers, and what looks like it and hangs together with it."""
    own = before.mask if stroke.is_product else ~before.mask
    yes, no = (KEPT, ERASED) if stroke.is_product else (ERASED, KEPT)
    scale = min(1.0, SPREAD_AT / max(own.shape))
    size = (max(1, round(own.shape[1] * scale)), max(1, round(own.shape[0] * scale)))
    tiny = cv2.resize(before.rgb, size, interpolation=cv2.INTER_AREA)
    said = cv2.resize(before.said, size, interpolation=cv2.INTER_NEAREST)
    own_tiny = cv2.resize(own.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) > 127
    core_tiny = cv2.resize(core.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    core_tiny |= _line(core_tiny.shape, stroke.points[:1] if stroke.is_click else stroke.points, 1) > 0
    gained, theirs = core_tiny, ~own_tiny
    if stroke.is_click:  # the rim is mixed with what lies beyond it
        inner = cv2.erode(theirs.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        theirs = inner & ~_like(tiny, core_tiny)
    for _ in range(2 if stroke.is_click else 1):
        gained = _spread_from(tiny, gained, own_tiny, theirs, (said == yes) & own_tiny, (said == no) & ~core_tiny)
    larger = cv2.resize(gained.astype(np.float32), own.shape[::-1], interpolation=cv2.INTER_LINEAR) > 0.5
    larger |= core
    larger |= _scraps(own | larger, larger & ~own, (before.said == no) & ~core)
    return _settled(before, larger, core, is_product=stroke.is_product)


def _spread_from(rgb: Pixels, core: Mask, own: Mask, theirs: Mask, yes: Mask, no: Mask) -> Mask:
    """What a side gains from `core` on, which is a part of it. own: what it has; theirs: what the colours of the other
    side are learned from; yes, no: what strokes have said."""
    away = cv2.distanceTransform(1 - core.astype(np.uint8), cv2.DIST_L2, 3) / max(core.shape)
    mine = [rgb[core], rgb[yes & ~core], rgb[own & ~core & (away < NEIGHBOURS)]]
    others = [rgb[theirs & ~core & (away > NOT_FAR)], rgb[no]]
    if not any(len(some) for some in others):
        others = [rgb[theirs & ~core]]
    if not any(len(some) for some in others):
        return joined(~own | core, core)  # all of the other side is like it
    inside, outside = _models(_sampled(mine), _sampled(others))
    labels = np.full(core.shape, cv2.GC_PR_BGD, np.uint8)
    labels[own] = cv2.GC_PR_FGD
    labels[yes | core] = cv2.GC_FGD
    labels[no & ~core] = cv2.GC_BGD
    cv2.grabCut(rgb, labels, _NO_BOX, outside, inside, 1, cv2.GC_EVAL_FREEZE_MODEL)
    won = ((labels & 1) == 1) & ~own
    return joined(won | core, core)


def _scraps(own: Mask, new: Mask, no: Mask) -> Mask:
    """What the other side is left with beside `new` once that is gone: small parts that no stroke spoke for."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(1 - own.astype(np.uint8), connectivity=4)
    areas = stats[:, cv2.CC_STAT_AREA]
    gained = int(new.sum())
    left = areas < SCRAP * gained
    if len(areas) > 1:
        largest = 1 + int(areas[1:].argmax())  # it may be the product: then only a speck of it is a scrap
        left[largest] = areas[largest] < SPECK * gained
    beside = np.zeros(len(areas), bool)
    beside[parts[cv2.dilate(new.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0]] = True
    left &= beside
    left[parts[no]] = False
    left[0] = False
    scraps: Mask = left[parts]
    return scraps


def _like(rgb: Pixels, spot: Mask) -> Mask:
    """Pixels of about the colour of a spot."""
    colours = rgb[spot].astype(np.float32)
    away = np.linalg.norm(rgb.astype(np.float32) - colours.mean(axis=0), axis=2)
    like: Mask = away < max(24.0, 3 * float(colours.std(axis=0).max()))
    return like


def _models(inside: Pixels, outside: Pixels) -> tuple[Field, Field]:
    """Mixtures of colours of both sides, in the form that OpenCV's graph cut takes; the same each time."""
    models = np.zeros((1, 65)), np.zeros((1, 65))
    pixels = np.ascontiguousarray(np.concatenate([inside, outside])[None])
    labels = np.full(pixels.shape[:2], cv2.GC_BGD, np.uint8)
    labels[:, : len(inside)] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    cv2.grabCut(pixels, labels, _NO_BOX, models[1], models[0], 0, cv2.GC_INIT_WITH_MASK)
    return models


def _sampled(groups: Iterable[Pixels]) -> Pixels:
    """As many pixels of each group, however large it is; the same each time."""
    chance = np.random.default_rng(0)
    return np.concatenate([some[chance.integers(0, len(some), SAMPLES)] for some in groups if len(some)])


def _settled(before: Sketch, gained: Mask, core: Mask, *, is_product: bool) -> Sketch:
    """The sketch with what one side gained, its outline moved to the steepest step near it."""
    own = before.mask if is_product else ~before.mask
    new = gained & ~own
    own = _at_edges(before.smooth, own | gained, new)
    said = before.said.copy()
    said[core] = KEPT if is_product else ERASED
    own[said == (KEPT if is_product else ERASED)] = True
    own[said == (ERASED if is_product else KEPT)] = False
    over = core | (new & own)
    mask = own if is_product else ~own
    after = replace(before, mask=mask, solid=np.where(over | (mask != before.mask), mask, before.solid), said=said)
    if not before.cover.any():
        return after
    still = (~over).astype(np.float32)  # this stroke is newer than what was painted there
    return replace(after, paint=before.paint * still, cover=before.cover * still)


def _at_edges(smooth: Pixels, region: Mask, new: Mask) -> Mask:
    """The region, its outline moved to the steepest step near it along what is new."""
    within = new.astype(np.uint8)
    reach = np.ones((2 * NEAR_OUTLINE + 1, 2 * NEAR_OUTLINE + 1), np.uint8)
    inner, outer = (change(region.astype(np.uint8), reach) > 0 for change in (cv2.erode, cv2.dilate))
    band = outer & ~inner & (cv2.dilate(within, reach) > 0)
    labels = np.where(band, 0, np.where(region, 1, 2)).astype(np.int32)
    if not band.any() or not (labels == 1).any() or not (labels == 2).any():
        return region
    cv2.watershed(smooth, labels)
    found: Mask = (labels == 1) | ((labels < 1) & region)
    return found
