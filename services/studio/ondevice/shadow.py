"""The pixels of Shadow: what grounds a product that has no background."""

import numpy as np

from services.studio.ondevice import backdrop, grounding
from services.studio.ondevice.affine import shift
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.refusals import NeedsCutOut, NoSubject
from services.studio.ondevice.subject import Box, grown, part, shadow_layer
from services.studio.ondevice.work import Pixels, Work


def apply(canvas: Canvas, work: Work, *, kind: str, strength: float) -> Canvas:
    """Ground a transparent canvas' product; the frame grows below and beside where the shadow wants room."""
    if canvas.alpha is None:
        raise NeedsCutOut
    found = backdrop.extent(canvas.alpha)
    if found is None:
        raise NoSubject
    if strength == 0:
        return canvas
    box, (width, height) = Box(*found), canvas.size
    beside, below = grounding.room(kind, box.width, box.height)
    more_left, more_right = max(0, beside - box.left), max(0, box.right + beside - width)
    more_below = max(0, box.bottom + below - height)
    size = width + more_left + more_right, height + more_below
    work.require_room(*size)
    rgb = np.zeros((size[1], size[0], 3), np.uint8)
    alpha = np.zeros((size[1], size[0]), np.uint8)
    inside = (slice(0, height), slice(more_left, more_left + width))
    rgb[inside], alpha[inside] = canvas.rgb, canvas.alpha
    near = grown(box, canvas.size)
    subject = part(canvas.rgb, near), part(canvas.alpha, near)
    layer = shadow_layer(kind, strength, *subject, near.left + more_left, near.top, size, 0)
    return Canvas(
        *_under(rgb, alpha, layer), is_cut_out=canvas.is_cut_out, registration=canvas.moved(shift(more_left, 0))
    )


def _under(rgb: Pixels, alpha: Pixels, layer: grounding.Layer) -> tuple[Pixels, Pixels]:
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
