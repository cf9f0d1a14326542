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
    foreground = _enlarged(product, height, width)
    for rows, columns in _tiles(height, width):
        tile = rgb[rows, columns]
        near = _sample(distance, rows, columns, height, width)
        certain = near >= REACH_IN
        alpha[rows, columns] = np.where(certain, 255, 0)
        np.copyto(foreground[rows, columns], tile, where=certain[..., None])
        band = (near > -REACH_OUT) & ~certain
        if band.any():
            inside = _sample(product, rows, columns, height, width)[band]
            outside = _sample(ground, rows, columns, height, width)[band]
            pixel = tile[band].astype(np.float32)
            share = _solve_alpha(pixel, inside, outside, near[band], noise)
            alpha[rows, columns][band] = _to_pixels(share * 255)
            foreground[rows, columns][band] = _to_pixels(_unmix(pixel, inside, outside, share))
    return alpha, foreground


def clean_foreground(rgb: Pixels, alpha: Pixels) -> Pixels:
    """Foreground colours (H×W×3 uint8) for a matte from elsewhere: the ground's colour removed from soft pixels."""
    height, width = rgb.shape[:2]
    scale = min(1.0, 720 / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    small_alpha = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    product = spread_colour(small, small_alpha > 242)
    ground = spread_colour(small, small_alpha < 12)
    foreground = _enlarged(product, height, width)
    for rows, columns in _tiles(height, width):
        tile, cover = rgb[rows, columns], alpha[rows, columns]
        np.copyto(foreground[rows, columns], tile, where=(cover == 255)[..., None])
        band = (cover > 0) & (cover < 255)
        if band.any():
            inside = _sample(product, rows, columns, height, width)[band]
            outside = _sample(ground, rows, columns, height, width)[band]
            share = cover[band].astype(np.float32) / 255
            unmixed = _unmix(tile[band].astype(np.float32), inside, outside, share)
            foreground[rows, columns][band] = _to_pixels(unmixed)
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
    """Alpha (N float32) of N pixels (N×3 each): their place on the line from the ground's to the product's colour.

    Where the two look alike the mask decides.
    """
    line = inside - outside
    separation = np.sqrt(np.einsum("nc,nc->n", line, line))
    share = np.einsum("nc,nc->n", pixel - outside, line) / np.maximum(separation * separation, 1)
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
    """The product's own colour in N mixed pixels; where there is little product to see, its colour from further in."""
    alpha = share[:, None]
    own = (pixel - (1 - alpha) * outside) / np.maximum(alpha, 0.1)
    trust = np.clip((alpha - 0.15) / 0.6, 0, 1)
    return np.where(alpha >= 0.996, pixel, trust * own + (1 - trust) * inside)


def _enlarged(colour: Field, height: int, width: int) -> Pixels:
    """What to put where there is no product: its nearest colour, so that a later resize mixes nothing foreign in."""
    return cv2.resize(_to_pixels(colour), (width, height), interpolation=cv2.INTER_LINEAR)


def _tiles(height: int, width: int) -> list[tuple[slice, slice]]:
    return [
        (slice(top, min(top + TILE, height)), slice(left, min(left + TILE, width)))
        for top in range(0, height, TILE)
        for left in range(0, width, TILE)
    ]


def _sample(field: Field, rows: slice, columns: slice, height: int, width: int) -> Field:
    """The part of a small field under a tile of the full picture, bilinearly enlarged."""
    y = ((np.arange(rows.start, rows.stop, dtype=np.float32) + 0.5) * field.shape[0] / height - 0.5)[:, None]
    x = ((np.arange(columns.start, columns.stop, dtype=np.float32) + 0.5) * field.shape[1] / width - 0.5)[None, :]
    y, x = np.broadcast_arrays(y, x)
    return cv2.remap(
        field, np.ascontiguousarray(x), np.ascontiguousarray(y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _to_pixels(values: Field) -> Pixels:
    return np.clip(values + 0.5, 0, 255).astype(np.uint8)
