"""The pixels of Background: a product placed on what stands behind it."""

from dataclasses import replace

import numpy as np

from services.studio.ondevice import backdrop, geometry
from services.studio.ondevice.affine import scale as scaling
from services.studio.ondevice.affine import shift
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.refusals import NoSubject, PictureMissing
from services.studio.ondevice.subject import Box, grown, part, placed, shadow_layer
from services.studio.ondevice.work import Pixels, Work

SOFT_FROM = 1.6
"""Enlarging a product more than this many times is worth a word to the shop owner."""

Color = tuple[int, int, int]


def apply(
    canvas: Canvas,
    work: Work,
    *,
    size: tuple[int, int],
    fill: float | None,
    color: Color,
    gradient: tuple[Color, Color, float] | None,
    picture: str | None,
    shadow: str,
    strength: float,
    clear: int,
) -> Canvas:
    """Place a transparent canvas' product in a frame of `size`.

    fill: share of the tighter side it spans, None to leave it where it is. shadow: none, contact or reflection, of a
    strength 0..1, which stays `clear` pixels away from the frame's edge.
    """
    alpha = canvas.alpha
    found = None if alpha is None else backdrop.extent(alpha)
    if alpha is None or found is None:
        raise NoSubject
    width, height = size
    if fill is None:
        seen = Box(*(backdrop.extent(alpha, 1) or found))
        product, left, top = _within(canvas, seen), seen.left, seen.top
    else:
        scale, *_ = placed(Box(*found), size, fill)
        if canvas.detail is not None and scale > 1:
            canvas, found = _with_detail(canvas, alpha, canvas.detail, found)
            scale, *_ = placed(Box(*found), size, fill)
        if scale > SOFT_FROM:
            longest = max(found[2] - found[0], found[3] - found[1])
            work.doubt(
                f"The product is only {longest} pixels large in the photo and was enlarged {scale:.1f} times, so it "
                "may look soft. A closer or larger photo gives a sharper picture."
            )
        product, left, top = _sized(canvas, Box(*found), size, fill)
    rgb, matte = product.rgb, product.alpha
    assert matte is not None
    painted = _behind(work, size, color, gradient, picture)
    if shadow != "none" and strength > 0:
        layer = shadow_layer(shadow, strength, rgb, matte, left, top, size, clear)
        backdrop.laid_on(painted, layer.rgb, layer.alpha, layer.left, layer.top)
    backdrop.laid_on(painted, rgb, matte, left, top)
    subject = np.zeros((height, width), np.uint8)
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + matte.shape[1]), min(height, top + matte.shape[0])
    subject[y0:y1, x0:x1] = matte[y0 - top : y1 - top, x0 - left : x1 - left]
    return Canvas(painted, None, subject, registration=product.moved(shift(left, top)))


def _behind(
    work: Work, size: tuple[int, int], color: Color, gradient: tuple[Color, Color, float] | None, picture: str | None
) -> Pixels:
    """What stands behind the product, H×W×3: a picture, a gradient or a colour."""
    if picture is not None:
        if picture not in work.pictures:
            raise PictureMissing
        chosen = Canvas.of(work.pictures[picture])
        filled = backdrop.picture(chosen.rgb, *size)
        if chosen.alpha is None:
            return filled
        cover = backdrop.picture(np.dstack([chosen.alpha] * 3), *size)[..., 0]
        return backdrop.blended(backdrop.plain(*size, (255, 255, 255)), filled, cover)
    if gradient is None:
        return backdrop.plain(*size, color)
    start, end, degrees = gradient
    return backdrop.gradient(*size, start, end, degrees)


def _with_detail(
    canvas: Canvas, alpha: Pixels, detail: Pixels, found: tuple[int, int, int, int]
) -> tuple[Canvas, tuple[int, int, int, int]]:
    """The product from the full-size photo: its own pixels inside, the smaller cut's clean colours along the edge."""
    rows, columns = alpha.shape
    across, down = detail.shape[1] / columns, detail.shape[0] / rows
    near = grown(Box(*found), canvas.size)
    full = Box(round(near.left * across), round(near.top * down), round(near.right * across), round(near.bottom * down))
    matte = geometry.scaled(part(alpha, near), full.width, full.height)
    rgb = geometry.scaled(part(canvas.rgb, near), full.width, full.height)
    rgb = backdrop.blended(rgb, part(detail, full), np.where(matte >= 250, matte, 0).astype(np.uint8))
    larger = backdrop.extent(matte)
    assert larger is not None
    move = scaling(canvas.size, (detail.shape[1], detail.shape[0]))
    registration = canvas.moved(move, shift(-full.left, -full.top))
    return Canvas(rgb, matte, registration=registration), larger


def _within(canvas: Canvas, box: Box) -> Canvas:
    """The part of the picture inside the box."""
    return canvas.reshaped(shift(-box.left, -box.top), lambda plane: part(plane, box))


def _sized(canvas: Canvas, box: Box, size: tuple[int, int], fill: float) -> tuple[Canvas, int, int]:
    """(product, left, top): the product scaled so that its box spans `fill` of the frame, centred."""
    scale, left, top = placed(box, size, fill)
    near = grown(box, canvas.size)
    width, height = max(1, round(near.width * scale)), max(1, round(near.height * scale))
    product = _within(canvas, near)
    product = product.reshaped(
        scaling(product.size, (width, height)),
        lambda plane: geometry.scaled(plane, width, height),
        lambda rgb: geometry.enlarged(rgb, width, height) if scale > 1 else geometry.scaled(rgb, width, height),
    )
    if scale > 1.3 and product.alpha is not None:
        product = replace(product, alpha=_crisp(product.alpha, min(scale, 3.0) * 0.75))
    return product, round(left - (box.left - near.left) * scale), round(top - (box.top - near.top) * scale)


def _crisp(matte: Pixels, steepness: float) -> Pixels:
    """A matte's edge as narrow as before it was enlarged."""
    levels = (np.arange(256) - 127.5) * max(1.0, steepness) + 127.5
    return np.asarray(np.clip(np.round(levels), 0, 255).astype(np.uint8)[matte], np.uint8)
