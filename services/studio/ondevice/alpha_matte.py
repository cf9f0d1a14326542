"""Soft edges: from a hard mask at solving size to an alpha matte and clean foreground colours at full size.

Inside a narrow band along the mask's outline every pixel is taken as a mix of the product's colour and the ground's
colour next to it, `pixel = alpha · product + (1 - alpha) · ground`, and solved for alpha. Both colours are spread into
the band from the certain pixels on either side, so a shadow beside the product counts as ground and leaves no halo.
"""

from __future__ import annotations

import cv2
import numpy as np

from services.studio.ondevice.arrays import Field, Mask, Pixels

TILE = 512
REACH_OUT, REACH_IN = 2.5, 2.5  # half-width of the band in pixels of the solving size, outward and inward
LEAST_SEPARATION = 14.0  # sRGB levels between product and ground below which colour says nothing about alpha


def matte(rgb: Pixels, mask: Mask, noise: float = 2.0) -> tuple[Pixels, Pixels]:
    """Alpha (H×W uint8) and foreground (H×W×3 uint8) of `rgb` (H×W×3 uint8) for a mask of its size or smaller.

    noise: standard deviation of the ground in sRGB levels; so much difference from the ground is still ground.
    """
    height, width = rgb.shape[:2]
    distance = signed_distance(mask)
    small = cv2.resize(rgb, mask.shape[::-1], interpolation=cv2.INTER_AREA)
    product = spread_colour(small, distance > REACH_IN * 0.6)
    ground = spread_colour(small, distance < -REACH_OUT)

    alpha = np.empty((height, width), np.uint8)
    foreground = rgb.copy()
    for rows, columns in _tiles(height, width):
        near = _sample(distance, rows, columns, height, width)
        if near.min() > REACH_IN:
            alpha[rows, columns] = 255
            continue
        if near.max() < -REACH_OUT:
            alpha[rows, columns] = 0
            foreground[rows, columns] = _to_pixels(_sample(product, rows, columns, height, width))
            continue
        inside = _sample(product, rows, columns, height, width)
        outside = _sample(ground, rows, columns, height, width)
        tile = rgb[rows, columns].astype(np.float32)
        share = _solve_alpha(tile, inside, outside, near, noise)
        alpha[rows, columns] = _to_pixels(share * 255)
        foreground[rows, columns] = _to_pixels(_unmix(tile, inside, outside, share))
    return alpha, foreground


def clean_foreground(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Foreground colours (H×W×3 uint8) for a matte from elsewhere: the ground's colour taken out of soft pixels."""
    height, width = rgb.shape[:2]
    scale = min(1.0, 720 / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    small_alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    product = spread_colour(small, small_alpha > 242)
    ground = spread_colour(small, small_alpha < 12)
    foreground = rgb.copy()
    for rows, columns in _tiles(height, width):
        share = alpha[rows, columns].astype(np.float32) / 255
        if share.min() == 1:
            continue
        inside = _sample(product, rows, columns, height, width)
        outside = _sample(ground, rows, columns, height, width)
        foreground[rows, columns] = _to_pixels(_unmix(rgb[rows, columns].astype(np.float32), inside, outside, share))
    return foreground


def signed_distance(mask: Mask) -> Field:
    """Distance to the mask's outline in pixels, H×W float32: positive inside, negative outside."""
    inside = mask.astype(np.uint8)
    # distanceTransform needs a zero pixel somewhere: without one everything is far from the outline.
    far = float(max(mask.shape))
    within = cv2.distanceTransform(inside, cv2.DIST_L2, 5) if not mask.all() else np.full(mask.shape, far, np.float32)
    beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5) if mask.any() else np.full(mask.shape, far, np.float32)
    return np.where(mask, within - 0.5, 0.5 - beyond).astype(np.float32)


def spread_colour(rgb: Pixels, known: Mask) -> Field:
    """Continue the known pixels smoothly into the unknown (push-pull over an image pyramid), H×W×3 float32."""
    weights: list[Field] = [known.astype(np.float32)]
    colours: list[Field] = [rgb.astype(np.float32) * weights[0][..., None]]
    while min(weights[-1].shape) > 1:
        weights.append(cv2.pyrDown(weights[-1]))
        colours.append(cv2.pyrDown(colours[-1]))
    filled = colours[-1] / np.maximum(weights[-1], 1e-4)[..., None]
    for colour, weight in zip(reversed(colours[:-1]), reversed(weights[:-1]), strict=True):
        coarse = cv2.pyrUp(filled, dstsize=weight.shape[::-1])
        trust = np.clip(weight * 4, 0, 1)[..., None]
        filled = trust * (colour / np.maximum(weight, 1e-4)[..., None]) + (1 - trust) * coarse
    return filled


def _solve_alpha(pixel: Field, inside: Field, outside: Field, distance: Field, noise: float) -> Field:
    """Project each pixel on the line from ground to product colour; lean on the mask where the two look alike."""
    line = inside - outside
    separation = np.sqrt((line * line).sum(axis=-1))
    share = ((pixel - outside) * line).sum(axis=-1) / np.maximum(separation * separation, 1)
    floor = np.clip(2.0 * noise / np.maximum(separation, 1), 0.02, 0.3)
    share = (share - floor) / (0.95 - floor)
    by_mask = np.clip(distance / 1.5 + 0.5, 0, 1)
    trust = np.clip((separation - LEAST_SEPARATION) / 30, 0, 1)
    share = trust * share + (1 - trust) * by_mask
    surely = np.clip((distance - 1.0) / (REACH_IN - 1.0), 0, 1)
    possibly = np.clip((distance + REACH_OUT) / (REACH_OUT - 1.0), 0, 1)
    bounded: Field = np.clip(share, surely, possibly).astype(np.float32)
    return bounded


def _unmix(pixel: Field, inside: Field, outside: Field, share: Field) -> Field:
    """The product's own colour in mixed pixels; where there is little product to see, its colour from further in."""
    alpha = share[..., None]
    own = (pixel - (1 - alpha) * outside) / np.maximum(alpha, 0.1)
    trust = np.clip((alpha - 0.15) / 0.6, 0, 1)
    return np.where(alpha >= 0.996, pixel, trust * own + (1 - trust) * inside)


def _tiles(height: int, width: int) -> list[tuple[slice, slice]]:
    return [
        (slice(top, min(top + TILE, height)), slice(left, min(left + TILE, width)))
        for top in range(0, height, TILE)
        for left in range(0, width, TILE)
    ]


def _sample(field: Field, rows: slice, columns: slice, height: int, width: int) -> Field:
    """The part of a small field that lies under a tile of the full picture, bilinearly enlarged."""
    y = ((np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * field.shape[0] / height - 0.5)[:, None]
    x = ((np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) * field.shape[1] / width - 0.5)[None, :]
    y, x = np.broadcast_arrays(y, x)
    return cv2.remap(
        field, np.ascontiguousarray(x), np.ascontiguousarray(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _to_pixels(values: Field) -> Pixels:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)
