"""Crop, turn, scale and enlarge pictures. Sizes and boxes come in as numbers; nothing here decides a frame."""

import math

import cv2
import numpy as np
import numpy.typing as npt

from services.studio.ondevice.sharpening import sharpened

Pixels = npt.NDArray[np.uint8]


def cropped(pixels: Pixels, left: int, top: int, right: int, bottom: int) -> Pixels:
    """The box, as a copy: a view would keep the whole picture in memory."""
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def scaled(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resize H×W or H×W×C uint8: averaging when it gets smaller, Lanczos when it gets larger."""
    rows, columns = pixels.shape[:2]
    if (columns, rows) == (width, height):
        return pixels
    if width <= columns and height <= rows:
        method = cv2.INTER_AREA
    elif width >= columns and height >= rows:
        method = cv2.INTER_LANCZOS4
    else:
        method = cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=method), np.uint8)


def reduced(pixels: Pixels, width: int, height: int) -> Pixels:
    """Make smaller what is only looked at, in a quarter of the time of `scaled`: averages whole blocks, then cubic."""
    rows, columns = pixels.shape[:2]
    block = min(rows // height, columns // width)
    if block > 1:
        whole = pixels[: rows // block * block, : columns // block * block]
        pixels = np.asarray(cv2.resize(whole, None, fx=1 / block, fy=1 / block, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.shape[:2] == (height, width):
        return pixels
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def enlarged(rgb: Pixels, width: int, height: int) -> Pixels:
    """Enlarge H×W×3 and give edges back the steepness that interpolation takes from them, without halos."""
    factor = math.sqrt((width / rgb.shape[1]) * (height / rgb.shape[0]))
    larger = scaled(rgb, width, height)
    return larger if factor <= 1.05 else sharpened(larger, radius=min(2.5, 0.5 * factor), amount=min(1.2, 0.5 * factor))


def quarter_turned(pixels: Pixels, turns: int) -> Pixels:
    """Turn clockwise by a number of quarter turns; no pixel is lost."""
    codes = {1: cv2.ROTATE_90_CLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_COUNTERCLOCKWISE}
    turns %= 4
    return pixels if turns == 0 else np.asarray(cv2.rotate(pixels, codes[turns]), np.uint8)


def tilted(pixels: Pixels, degrees: float, width: int, height: int, corner: tuple[int, ...] | None) -> Pixels:
    """Turn clockwise by any angle about the middle, into a frame of width × height.

    `corner` fills what is outside the picture, one number a channel; None repeats the picture's edge.
    """
    rows, columns = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D(((columns - 1) / 2, (rows - 1) / 2), -degrees, 1.0)
    matrix[0, 2] += (width - columns) / 2
    matrix[1, 2] += (height - rows) / 2
    border = cv2.BORDER_REPLICATE if corner is None else cv2.BORDER_CONSTANT
    turned = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=border, borderValue=corner or (0, 0, 0, 0)
    )
    return np.asarray(turned, np.uint8)
