"""Backdrops (colour, gradient, picture) and putting a product on them. Work is confined to the product's own box."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from services.studio.ondevice.geometry import scaled

Pixels = npt.NDArray[np.uint8]
Color = tuple[int, int, int]


def plain(width: int, height: int, color: Color) -> Pixels:
    """A frame of one colour, H×W×3."""
    canvas = np.empty((height, width, 3), np.uint8)
    canvas[:] = color
    return canvas


def gradient(width: int, height: int, start: Color, end: Color, degrees: float) -> Pixels:
    """A linear blend in the direction CSS gives an angle: 180 runs down, 90 to the right, corners exactly reached.

    https://www.w3.org/TR/css-images-3/#linear-gradients
    """
    angle = math.radians(degrees)
    across, down = math.sin(angle), -math.cos(angle)
    length = abs(width * across) + abs(height * down) or 1.0
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * (across / length)
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2) * (down / length)
    steps = np.clip((x[None, :] + y[:, None] + 0.5) * 1023, 0, 1023).astype(np.uint16)
    shares = np.linspace(0, 1, 1024)[:, None]
    table = np.round(np.array(start) * (1 - shares) + np.array(end) * shares).astype(np.uint8)
    return np.asarray(table[steps], np.uint8)


def picture(rgb: Pixels, width: int, height: int) -> Pixels:
    """A picture that covers the whole frame, cropped about its middle."""
    rows, columns = rgb.shape[:2]
    factor = max(width / columns, height / rows)
    keep_columns, keep_rows = min(columns, round(width / factor)), min(rows, round(height / factor))
    left, top = (columns - max(1, keep_columns)) // 2, (rows - max(1, keep_rows)) // 2
    part = rgb[top : top + max(1, keep_rows), left : left + max(1, keep_columns)]
    return np.ascontiguousarray(scaled(np.ascontiguousarray(part), width, height))


def laid_on(canvas: Pixels, rgb: Pixels, alpha: Pixels, left: int, top: int) -> None:
    """Put h×w×3 with its h×w matte on the canvas, in place; what is outside the canvas is cut off."""
    rows, columns = canvas.shape[:2]
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(columns, left + rgb.shape[1]), min(rows, top + rgb.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    inside = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    canvas[y0:y1, x0:x1] = blended(canvas[y0:y1, x0:x1], rgb[inside], alpha[inside])


def blended(below: Pixels, above: Pixels, matte: Pixels) -> Pixels:
    """Mix two H×W×3 pictures by an H×W matte: 255 shows `above`, 0 `below`, both exactly."""
    share = matte.astype(np.float32) * np.float32(1 / 255)
    mixed = cv2.blendLinear(np.ascontiguousarray(above), np.ascontiguousarray(below), share, 1 - share)
    result = np.asarray(mixed, np.uint8)
    # blendLinear divides by the sum of weights plus an epsilon: pure white would come out as 254.
    cv2.copyTo(np.ascontiguousarray(below), np.asarray(matte == 0, np.uint8), result)
    cv2.copyTo(np.ascontiguousarray(above), np.asarray(matte == 255, np.uint8), result)
    return result


def bled(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Carry the visible colours into what is transparent, so that scaling draws no foreign fringe along the edge."""
    rows, columns = alpha.shape
    scale = min(1.0, 256 / max(rows, columns))
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))
    weight = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    color = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) * weight[..., None]
    spread_weight = cv2.GaussianBlur(weight, (0, 0), 4) + 1e-4
    spread = cv2.GaussianBlur(color, (0, 0), 4) / spread_weight[..., None]
    wide = cv2.resize(np.clip(spread, 0, 255).astype(np.uint8), (columns, rows), interpolation=cv2.INTER_LINEAR)
    result = rgb.copy()
    cv2.copyTo(wide, np.asarray(alpha < 8, np.uint8), result)
    return result


def extent(alpha: Pixels, threshold: int = 128) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of the pixels at least as opaque as the threshold, or None."""
    mask = (alpha >= threshold).astype(np.uint8)
    left, top, width, height = cv2.boundingRect(mask)
    return (left, top, left + width, top + height) if width and height else None
