"""A before-and-after picture as one file: both side by side with a divider."""

import math

import numpy as np
from PIL import Image

from services.studio.comparison import Registration
from services.studio.encoding import flattened
from services.studio.rendered import Pixels

HEIGHT = 1200
WIDEST_HALF = 1600


def before_after(before: Pixels, after: Pixels, registration: Registration | None = None) -> Pixels:
    """Both pictures (H×W×3 or 4 uint8) at one height, side by side, a white divider with a dark hairline between.

    With a registration the left half shows what of `before` is in the result's frame, each point of the product at the
    same place in both halves. Without one each half shows a whole picture, and none is enlarged: the height is the
    smaller picture's. It is at most 1200 pixels. Transparency, and what lies outside the photo, shows as a light
    chequered ground, so that a cut-out can be distinguished from a product on white.
    """
    if registration is None:
        height = max(1, min(HEIGHT, before.shape[0], after.shape[0]))
        left, right = _at_height(before, height), _at_height(after, height)
    else:
        size = _half((after.shape[1], after.shape[0]))
        height = size[1]
        right = _on_chequers(np.asarray(_image(after).resize(size, Image.Resampling.LANCZOS), np.uint8))
        left = _on_chequers(_laid_over(before, registration, size))
    divider = max(3, round(height * 0.012)) | 1
    gap = np.full((height, divider, 3), 255, np.uint8)
    gap[:, divider // 2] = 96
    return np.concatenate([left, gap, right], axis=1)


def side_needed(registration: Registration, after: tuple[int, int]) -> int:
    """The long side in pixels that `before` should have at least, for a result of that width and height."""
    (width, height), (a, b, c, d, _, _) = _half(after), registration
    return math.ceil(max(math.hypot(a * width, b * height), math.hypot(c * width, d * height)))


def _half(after: tuple[int, int]) -> tuple[int, int]:
    """Width and height of one half that shows a whole result, never enlarged."""
    width, height = after
    scale = min(1.0, HEIGHT / height, WIDEST_HALF / width)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _laid_over(before: Pixels, registration: Registration, size: tuple[int, int]) -> Pixels:
    """The source as it lies in the result's frame of that size, H×W×4, clear where the frame reaches beyond it."""
    image, (width, height) = _image(before).convert("RGBA"), size
    a, b, c, d, e, f = registration
    shrink = math.sqrt(abs(a * d - b * c) * width * height / (image.width * image.height))
    if shrink < 1:  # averaged first: the turn itself looks at a few pixels only
        smaller = max(1, round(image.width * shrink)), max(1, round(image.height * shrink))
        image = image.resize(smaller, Image.Resampling.LANCZOS)
    there = [
        [a * width / image.width, c * width / image.height, e * width],
        [b * height / image.width, d * height / image.height, f * height],
        [0.0, 0.0, 1.0],
    ]
    coefficients = tuple(float(number) for number in np.linalg.inv(np.array(there))[:2].ravel())
    laid = image.transform(size, Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC)
    return np.asarray(laid, np.uint8)


def _image(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(pixels))


def _at_height(pixels: Pixels, height: int) -> Pixels:
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    image = _image(pixels)
    if width > WIDEST_HALF:
        shorter = max(1, round(height * WIDEST_HALF / width))
        fitted = np.asarray(image.resize((WIDEST_HALF, shorter), Image.Resampling.LANCZOS), np.uint8)
        top = (height - shorter) // 2
        framed = np.full((height, WIDEST_HALF, fitted.shape[2]), 255, np.uint8)
        framed[top : top + shorter] = fitted
        return _on_chequers(framed)
    return _on_chequers(np.asarray(image.resize((width, height), Image.Resampling.LANCZOS), np.uint8))


def _on_chequers(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 3:
        return pixels
    if int(pixels[..., 3].min()) == 255:
        return flattened(pixels)
    height, width = pixels.shape[:2]
    cell = max(4, height // 40)
    odd = (np.arange(height)[:, None] // cell + np.arange(width)[None, :] // cell) % 2
    ground = np.where(odd[..., None] == 1, np.uint8(236), np.uint8(250)).repeat(3, axis=2)
    share = pixels[..., 3:].astype(np.float32) / 255
    return np.asarray(np.round(pixels[..., :3] * share + ground * (1 - share)), np.uint8)
