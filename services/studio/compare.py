"""A before-and-after picture as one file: both side by side with a divider."""

import numpy as np
from PIL import Image

from services.studio.encoding import flattened
from services.studio.rendered import Pixels

HEIGHT = 1200
WIDEST_HALF = 1600


def before_after(before: Pixels, after: Pixels) -> Pixels:
    """Both pictures (H×W×3 or 4 uint8) at one height, side by side, a white divider with a dark hairline between.

    Nothing is enlarged: the height is the smaller picture's, at most 1200 pixels. Transparency shows as a light
    chequered ground, so that a cut-out can be distinguished from a product on white.
    """
    height = max(1, min(HEIGHT, before.shape[0], after.shape[0]))
    left, right = _at_height(before, height), _at_height(after, height)
    divider = max(3, round(height * 0.012)) | 1
    gap = np.full((height, divider, 3), 255, np.uint8)
    gap[:, divider // 2] = 96
    return np.concatenate([left, gap, right], axis=1)


def _at_height(pixels: Pixels, height: int) -> Pixels:
    width = max(1, round(pixels.shape[1] * height / pixels.shape[0]))
    image = Image.fromarray(np.ascontiguousarray(pixels))
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
