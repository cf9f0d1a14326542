"""Everything about the product in a picture: cutting it out, placing it on a background, grounding it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.errors import Invalid, ServiceError
from services.studio import framing
from services.studio.canvas import Canvas
from services.studio.framing import Box, Frame
from services.studio.marketplaces import PRESETS, ring_width
from services.studio.ondevice import background, geometry, shadow
from services.studio.ondevice.cutout import cut_out
from services.studio.ondevice.segmentation_model import ModelRefusedError, ModelUnavailableError
from services.studio.operations import BackgroundParams, ShadowParams
from services.studio.rendered import Pixels

ENOUGH = 1.6
"""A photo for a cut-out need be no larger than this many times the product's final size."""
SOFT_FROM = 1.6
"""Enlarging a product more than this many times is worth a word to the shop owner."""


class NoProduct(Invalid):
    """There is nothing in the picture to work with."""

    code = "no_product"
    message = "We could not find a product in this photo. Use one where it stands out clearly from its background."


class ModelMissing(ServiceError):
    """The cut-out model that the settings name cannot be used; for whoever runs the installation to mend."""

    code = "model_unavailable"
    status = 503


class NeedsCutOut(Invalid):
    """A shadow was asked for a picture that still has its background."""

    message = "A shadow needs a product without its background. Add 'Remove background' or 'Background' to the recipe."


class PictureMissing(Invalid):
    """A recipe names a picture the caller did not bring."""

    message = "The background picture could not be found. Choose another one."


@dataclass(frozen=True)
class CutProduct:
    """A canvas with the background gone. `detail` is the uncut photo at full size when the cut was made smaller."""

    canvas: Canvas
    detail: Pixels | None
    confidence: float
    engine: str
    doubts: tuple[str, ...]


def cut_product(
    canvas: Canvas,
    enough: int | None,
    *,
    model_name: str | None,
    models_home: Path | None,
    on_progress: Callable[[float], None],
) -> CutProduct:
    """Cut the product out of an opaque canvas. `enough` is the longest side in pixels worth working at, if known."""
    rgb, detail = canvas.rgb, None
    longest = max(rgb.shape[:2])
    if enough is not None and longest > 1.15 * enough:
        detail, share = rgb, enough / longest
        rgb = geometry.scaled(rgb, max(1, round(rgb.shape[1] * share)), max(1, round(rgb.shape[0] * share)))
    try:
        cut = cut_out(rgb, model_name=model_name, models_home=models_home, on_progress=on_progress)
    except (ModelRefusedError, ModelUnavailableError) as error:
        raise ModelMissing(f"{error} Nothing was charged.") from error
    if background.extent(cut.alpha) is None:
        raise NoProduct
    return CutProduct(Canvas(cut.foreground, cut.alpha), detail, cut.confidence, cut.engine, cut.doubts)


def size_worth_cutting_at(params: BackgroundParams) -> int | None:
    """Longest side in pixels that a photo needs for this background; None when the photo keeps its own frame."""
    if params.size is None and params.preset is None:
        return None
    frame = framing.backdrop_frame(Frame(1, 1), params)
    fill = framing.fill_ratio(params, frame) or framing.DEFAULT_FILL
    return round(ENOUGH * fill * max(frame.width, frame.height))


def on_background(
    canvas: Canvas, detail: Pixels | None, params: BackgroundParams, pictures: Mapping[str, Pixels]
) -> tuple[Canvas, tuple[str, ...]]:
    """Place a transparent canvas' product on its new background. Returns the picture and doubts about it."""
    alpha = canvas.alpha
    found = None if alpha is None else background.extent(alpha)
    if alpha is None or found is None:
        raise NoProduct
    own_frame = Frame(detail.shape[1], detail.shape[0]) if detail is not None else canvas.frame
    frame = framing.within_limits(framing.backdrop_frame(own_frame, params))
    fill = framing.fill_ratio(params, frame)
    doubts: list[str] = []
    if fill is None:
        seen = Box(*(background.extent(alpha, 1) or found))
        rgb, matte, left, top = _cut(canvas.rgb, seen), _cut(alpha, seen), seen.left, seen.top
    else:
        scale, *_ = framing.placed(Box(*found), frame, fill)
        if detail is not None and scale > 1:
            canvas, found = _with_detail(canvas, detail, found)
            scale, *_ = framing.placed(Box(*found), frame, fill)
        if scale > SOFT_FROM:
            longest = max(found[2] - found[0], found[3] - found[1])
            doubts.append(
                f"The product is only {longest} pixels large in the photo and was enlarged {scale:.1f} times, so it "
                "may look soft. A closer or larger photo gives a sharper picture."
            )
        rgb, matte, left, top = _sized(canvas, Box(*found), frame, fill)
    painted = backdrop(frame, params, pictures)
    kind, strength = params.shadow, params.shadow_strength
    if kind != "none" and strength > 0:
        clear = max(ring_width(frame.width, frame.height) + 8, round(0.014 * min(frame.width, frame.height)))
        layer = _shadow_layer(kind, strength, rgb, matte, left, top, frame, clear if fill is not None else 0)
        background.laid_on(painted, layer.rgb, layer.alpha, layer.left, layer.top)
    background.laid_on(painted, rgb, matte, left, top)
    subject = np.zeros((frame.height, frame.width), np.uint8)
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(frame.width, left + matte.shape[1]), min(frame.height, top + matte.shape[0])
    subject[y0:y1, x0:x1] = matte[y0 - top : y1 - top, x0 - left : x1 - left]
    return Canvas(painted, None, subject), tuple(doubts)


def backdrop(frame: Frame, params: BackgroundParams, pictures: Mapping[str, Pixels]) -> Pixels:
    """What stands behind the product, H×W×3: a picture, a gradient, a colour, or the preset's colour."""
    if params.image_asset_id is not None:
        if params.image_asset_id not in pictures:
            raise PictureMissing
        chosen = Canvas.of(pictures[params.image_asset_id])
        filled = background.picture(chosen.rgb, frame.width, frame.height)
        if chosen.alpha is None:
            return filled
        cover = background.picture(np.dstack([chosen.alpha] * 3), frame.width, frame.height)[..., 0]
        return background.blended(background.plain(frame.width, frame.height, (255, 255, 255)), filled, cover)
    if params.gradient is not None:
        blend = params.gradient
        return background.gradient(frame.width, frame.height, color(blend.start), color(blend.end), blend.angle)
    own = params.color or (PRESETS[params.preset].color if params.preset is not None else "#ffffff")
    return background.plain(frame.width, frame.height, color(own))


def with_shadow(canvas: Canvas, params: ShadowParams) -> Canvas:
    """Ground a transparent canvas' product; the frame grows below and beside where the shadow wants room."""
    if canvas.alpha is None:
        raise NeedsCutOut
    found = background.extent(canvas.alpha)
    if found is None:
        raise NoProduct
    if params.strength == 0:
        return canvas
    box, frame = Box(*found), canvas.frame
    beside, below = shadow.room(params.kind, box.width, box.height)
    more_left, more_right = max(0, beside - box.left), max(0, box.right + beside - frame.width)
    more_below = max(0, box.bottom + below - frame.height)
    size = framing.within_limits(Frame(frame.width + more_left + more_right, frame.height + more_below))
    rgb = np.zeros((size.height, size.width, 3), np.uint8)
    alpha = np.zeros((size.height, size.width), np.uint8)
    inside = (slice(0, frame.height), slice(more_left, more_left + frame.width))
    rgb[inside], alpha[inside] = canvas.rgb, canvas.alpha
    near = _grown(box, frame)
    product = _cut(canvas.rgb, near), _cut(canvas.alpha, near)
    layer = _shadow_layer(params.kind, params.strength, *product, near.left + more_left, near.top, size, 0)
    return Canvas(*_under(rgb, alpha, layer))


def padded(canvas: Canvas, frame: Frame, around: tuple[int, int, int]) -> Canvas:
    """The picture in the middle of a larger frame of one colour; what was transparent shows that colour too."""
    painted = background.plain(frame.width, frame.height, around)
    left, top = (frame.width - canvas.frame.width) // 2, (frame.height - canvas.frame.height) // 2
    whole = canvas.alpha if canvas.alpha is not None else np.full(canvas.rgb.shape[:2], 255, np.uint8)
    background.laid_on(painted, canvas.rgb, whole, left, top)
    matte = canvas.matte
    if matte is None:
        return Canvas(painted)
    subject = np.zeros((frame.height, frame.width), np.uint8)
    subject[top : top + matte.shape[0], left : left + matte.shape[1]] = matte
    return Canvas(painted, None, subject)


def color(text: str) -> tuple[int, int, int]:
    """`#rrggbb` to (red, green, blue)."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _with_detail(
    canvas: Canvas, detail: Pixels, found: tuple[int, int, int, int]
) -> tuple[Canvas, tuple[int, int, int, int]]:
    """The product from the full-size photo: its own pixels inside, the smaller cut's clean colours along the edge."""
    alpha = canvas.alpha
    assert alpha is not None
    rows, columns = alpha.shape
    across, down = detail.shape[1] / columns, detail.shape[0] / rows
    near = _grown(Box(*found), canvas.frame)
    full = Box(round(near.left * across), round(near.top * down), round(near.right * across), round(near.bottom * down))
    matte = geometry.scaled(_cut(alpha, near), full.width, full.height)
    rgb = geometry.scaled(_cut(canvas.rgb, near), full.width, full.height)
    rgb = background.blended(rgb, _cut(detail, full), np.where(matte >= 250, matte, 0).astype(np.uint8))
    larger = background.extent(matte)
    assert larger is not None
    return Canvas(rgb, matte), larger


def _sized(canvas: Canvas, box: Box, frame: Frame, fill: float) -> tuple[Pixels, Pixels, int, int]:
    """(colours, matte, left, top) of the product scaled so that its box spans `fill` of the frame, centred."""
    assert canvas.alpha is not None
    scale, left, top = framing.placed(box, frame, fill)
    near = _grown(box, canvas.frame)
    width, height = max(1, round(near.width * scale)), max(1, round(near.height * scale))
    rgb, matte = _cut(canvas.rgb, near), _cut(canvas.alpha, near)
    if scale > 1:
        rgb, matte = geometry.enlarged(rgb, width, height), geometry.scaled(matte, width, height)
        if scale > 1.3:
            matte = _crisp(matte, min(scale, 3.0) * 0.75)
    else:
        rgb, matte = geometry.scaled(rgb, width, height), geometry.scaled(matte, width, height)
    return rgb, matte, round(left - (box.left - near.left) * scale), round(top - (box.top - near.top) * scale)


def _crisp(matte: Pixels, steepness: float) -> Pixels:
    """A matte's edge as narrow as before it was enlarged."""
    levels = (np.arange(256) - 127.5) * max(1.0, steepness) + 127.5
    return np.asarray(np.clip(np.round(levels), 0, 255).astype(np.uint8)[matte], np.uint8)


def _shadow_layer(
    kind: str, strength: float, rgb: Pixels, matte: Pixels, left: int, top: int, frame: Frame, clear: int
) -> shadow.Layer:
    size = (frame.width, frame.height)
    if kind == "reflection":
        return shadow.reflection(rgb, matte, left, top, size, strength, clear)
    return shadow.contact_shadow(matte, left, top, size, strength, clear)


def _under(rgb: Pixels, alpha: Pixels, layer: shadow.Layer) -> tuple[Pixels, Pixels]:
    """Lay a layer under a transparent picture, in place where the two overlap."""
    rows, columns = alpha.shape
    x0, y0 = max(0, layer.left), max(0, layer.top)
    x1, y1 = min(columns, layer.left + layer.alpha.shape[1]), min(rows, layer.top + layer.alpha.shape[0])
    if x1 <= x0 or y1 <= y0:
        return rgb, alpha
    inside = (slice(y0 - layer.top, y1 - layer.top), slice(x0 - layer.left, x1 - layer.left))
    area = (slice(y0, y1), slice(x0, x1))
    above = alpha[area].astype(np.float32) / 255
    below = layer.alpha[inside].astype(np.float32) / 255 * (1 - above)
    total = above + below
    weight = above / np.maximum(total, 1e-6)
    mixed = rgb[area] * weight[..., None] + layer.rgb[inside] * (1 - weight[..., None])
    rgb[area] = np.round(mixed).astype(np.uint8)
    alpha[area] = np.round(total * 255).astype(np.uint8)
    return rgb, alpha


def _grown(box: Box, frame: Frame) -> Box:
    """The box with room for its soft edge, inside the frame."""
    margin = 4 + round(0.01 * max(box.width, box.height))
    return Box(
        max(0, box.left - margin),
        max(0, box.top - margin),
        min(frame.width, box.right + margin),
        min(frame.height, box.bottom + margin),
    )


def _cut(plane: Pixels, box: Box) -> Pixels:
    return geometry.cropped(plane, box.left, box.top, box.right, box.bottom)
