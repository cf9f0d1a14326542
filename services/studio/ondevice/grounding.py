"""Ground a cut-out product: a soft contact shadow under what touches the ground, or a reflection as on glass.

Both start from the lower contour of the matte. Where the contour is near the lowest point the product stands on the
ground; where it rises (an arched shoe, a handle) it does not, and the shadow thins out by itself.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Field = npt.NDArray[np.float32]

WORKING_SIDE = 480
"""Shadows are soft: they are computed with the product at this size and enlarged."""
GENTLE_SLOPE = 0.8
ROOM_BELOW = 0.10
REFLECTION_ROOM = 0.26
ROOM_BESIDE = 0.06


@dataclass(frozen=True)
class Layer:
    """Something to lay under a product: H×W×3 colours, H×W matte, and where its corner is in the frame."""

    rgb: Pixels
    alpha: Pixels
    left: int
    top: int


def room(kind: str, width: int, height: int) -> tuple[int, int]:
    """(pixels beside, pixels below) that the shadow of a product of this size wants."""
    below = REFLECTION_ROOM if kind == "reflection" else ROOM_BELOW
    return round(ROOM_BESIDE * width), round(below * height) + round(0.02 * width)


def contact_shadow(alpha: Pixels, left: int, top: int, frame: tuple[int, int], strength: float, clear: int) -> Layer:
    """The contact shadow of a product.

    alpha: h×w matte of the product; (left, top): where it is in a frame of (width, height).
    strength: 0..1. clear: pixels along the frame's edge that stay free of shadow.
    """
    rows, columns = alpha.shape
    scale = min(1.0, WORKING_SIDE / max(rows, columns))
    small = _shrunk(alpha, scale)
    beside, below = (round(2.0 * side * scale) + 2 for side in room("contact", columns, rows))
    padded = np.pad(small, ((beside, below), (beside, beside)))
    contour, ground = _lower_contour(padded)
    touching = _touching(contour, ground, small.shape)
    unit = float(np.sqrt(small.shape[0] * small.shape[1])) / 100
    span = max(1.0, float((touching > 0.1).sum()))

    dark = np.ones(padded.shape, np.float32)
    # A tight dark line where product and ground meet, a softer core, and the wide ambient shade around it.
    for thickness, across, down, drop, opacity in (
        (0.8, 0.7, 0.45, 0.0, 0.62),
        (1.8, 2.2, 1.1, 0.6, 0.46),
        (3.6, 0.06 * span / unit + 2.0, 2.8, 1.6, 0.36),
    ):
        band = _band(contour, touching, padded.shape, thickness * unit, drop * unit)
        soft = cv2.GaussianBlur(band, (0, 0), sigmaX=max(0.5, across * unit), sigmaY=max(0.5, down * unit))
        dark *= 1 - np.float32(opacity * min(1.0, 1.5 * strength)) * np.clip(soft * 1.25, 0, 1)
    x, y = left - round(beside / scale), top - round(beside / scale)
    small_frame = (round(frame[0] * scale), round(frame[1] * scale))
    shade = _kept_clear(1 - dark, round(x * scale), round(y * scale), small_frame, clear * scale)
    matte = _enlarged(np.round(shade * 255).astype(np.uint8), scale)
    x0, y0, width, height = cv2.boundingRect(matte)
    matte = np.ascontiguousarray(matte[y0 : y0 + height, x0 : x0 + width])
    return Layer(np.zeros((*matte.shape, 3), np.uint8), matte, x + x0, y + y0)


def reflection(
    rgb: Pixels, alpha: Pixels, left: int, top: int, frame: tuple[int, int], strength: float, clear: int
) -> Layer:
    """The product mirrored at its lower contour, fading with the distance. Arguments as for `contact_shadow`."""
    rows, columns = alpha.shape
    contour, ground = _lower_contour(alpha)
    mirror = _mirror_line(contour, ground, rows, columns)
    depth = max(2, round(REFLECTION_ROOM * rows))
    start = max(0, int(mirror.min()) - 1)
    stop = int(np.ceil(mirror.max())) + depth
    y = np.arange(start, stop, dtype=np.float32)[:, None]
    distance = y - mirror[None, :]
    source_y = (2 * mirror[None, :] - y).astype(np.float32)
    source_x = np.broadcast_to(np.arange(columns, dtype=np.float32)[None, :], source_y.shape).copy()
    mirrored = cv2.remap(rgb, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    matte = cv2.remap(alpha, source_x, source_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    blur = max(0.6, 0.0025 * max(rows, columns))
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), blur)
    fade = np.square(np.clip(1 - distance / depth, 0, 1)) * (distance > -1.5)
    shade = (cv2.GaussianBlur(matte, (0, 0), blur).astype(np.float32) / 255) * fade * np.float32(0.7 * strength)
    shade = _kept_clear(shade.astype(np.float32), left, top + start, frame, clear)
    return Layer(np.asarray(mirrored, np.uint8), np.round(shade * 255).astype(np.uint8), left, top + start)


def _lower_contour(alpha: Pixels) -> tuple[Field, float]:
    """For each column the lowest row of the product (NaN where there is none), and the row of the ground."""
    solid = alpha >= 128
    rows = alpha.shape[0]
    lowest = (rows - 1 - np.argmax(solid[::-1], axis=0)).astype(np.float32)
    lowest[~solid.any(axis=0)] = np.nan
    present = lowest[~np.isnan(lowest)]
    return lowest, float(np.percentile(present, 99)) if present.size else float(rows - 1)


def _touching(contour: Field, ground: float, shape: tuple[int, ...]) -> Field:
    """0..1 for each column: how nearly the product touches the ground there."""
    reach = 0.07 * shape[0] + 0.05 * shape[1]
    height = _height_above_ground(contour, ground)
    return np.asarray(np.exp(-np.square(height / max(reach, 1.0))), np.float32)


def _height_above_ground(contour: Field, ground: float) -> Field:
    """How far the lower contour hovers, in pixels, for each column.

    A contour that climbs gently is a thing lying in perspective (a torch, a watch strap) and still on the ground; one
    that climbs steeply or jumps has left it. So the rise is summed up from the lowest point, gentle slopes forgiven.
    """
    missing = np.isnan(contour)
    height = np.where(missing, 1e6, np.clip(ground - np.nan_to_num(contour), 0, None)).astype(np.float32)
    smooth = cv2.blur(height[None, :], (5, 1), borderType=cv2.BORDER_REPLICATE)[0]
    hovering = np.full_like(height, 1e6)
    for order in (range(len(height)), range(len(height) - 1, -1, -1)):
        before, so_far = None, 1e6
        for column in order:
            if missing[column]:
                before, so_far = None, 1e6
                continue
            own = float(smooth[column])
            if before is None:
                so_far = own
            else:
                rise = own - before
                so_far = min(own, max(0.0, so_far + (max(0.0, rise - GENTLE_SLOPE) if rise > 0 else rise)))
            before = own
            hovering[column] = min(hovering[column], so_far)
    return hovering


def _band(contour: Field, touching: Field, shape: tuple[int, ...], thickness: float, drop: float) -> Field:
    """A band along the contour, `thickness` pixels to either side, as dark as the product is near the ground."""
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    line = np.nan_to_num(contour, nan=-1e6)[None, :] + drop
    return np.asarray(np.clip(thickness + 0.5 - np.abs(y - line), 0, 1) * touching[None, :], np.float32)


def _mirror_line(contour: Field, ground: float, rows: int, columns: int) -> Field:
    """The row each column is mirrored at: its own lowest point where that stands on the ground, else the ground."""
    near = np.nan_to_num(ground - contour, nan=1e6) < 0.12 * rows
    line = np.where(near, np.nan_to_num(contour, nan=ground), ground).astype(np.float32)
    window = max(1, round(0.01 * columns)) * 2 + 1
    smooth = cv2.blur(line[None, :], (window, 1), borderType=cv2.BORDER_REPLICATE)[0]
    return np.asarray(np.where(near, np.maximum(line, smooth), smooth) + 1, np.float32)


def _kept_clear(shade: Field, left: int, top: int, frame: tuple[int, int], clear: float) -> Field:
    """Fade the shade out before the last `clear` pixels of the frame, over as many again."""
    if clear <= 0:
        return shade
    width, height = frame
    x = np.arange(left, left + shade.shape[1], dtype=np.float32)
    y = np.arange(top, top + shade.shape[0], dtype=np.float32)
    across = np.clip((np.minimum(x, width - 1 - x) - clear) / clear, 0, 1)
    down = np.clip((np.minimum(y, height - 1 - y) - clear) / clear, 0, 1)
    return np.asarray(shade * across[None, :] * down[:, None], np.float32)


def _shrunk(alpha: Pixels, scale: float) -> Pixels:
    if scale >= 1:
        return alpha
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.uint8)


def _enlarged(shade: Pixels, scale: float) -> Pixels:
    if scale >= 1:
        return shade
    size = (round(shade.shape[1] / scale), round(shade.shape[0] / scale))
    return np.asarray(cv2.resize(shade, size, interpolation=cv2.INTER_LINEAR), np.uint8)
