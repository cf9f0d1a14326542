"""The pixels of Resize."""

import numpy as np

from services.studio.ondevice import backdrop
from services.studio.ondevice.affine import scale, shift
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.geometry import cropped
from services.studio.ondevice.geometry import scaled as to_size
from services.studio.ondevice.work import Work


def apply(
    canvas: Canvas,
    work: Work,
    *,
    scaled: tuple[int, int],
    size: tuple[int, int],
    crops: bool,
    color: tuple[int, int, int],
) -> Canvas:
    """Scale to `scaled`, then crop about the middle or put `color` around to get `size`."""
    canvas = canvas.reshaped(scale(canvas.size, scaled), lambda plane: to_size(plane, *scaled))
    if scaled == size:
        return canvas
    if crops:
        left, top = (scaled[0] - size[0]) // 2, (scaled[1] - size[1]) // 2
        right, bottom = left + size[0], top + size[1]
        return canvas.reshaped(shift(-left, -top), lambda plane: cropped(plane, left, top, right, bottom))
    return _padded(canvas, size, color)


def _padded(canvas: Canvas, size: tuple[int, int], around: tuple[int, int, int]) -> Canvas:
    """The picture in the middle of a larger frame of one colour; what was transparent shows that colour too."""
    width, height = size
    painted = backdrop.plain(width, height, around)
    left, top = (width - canvas.size[0]) // 2, (height - canvas.size[1]) // 2
    whole = canvas.alpha if canvas.alpha is not None else np.full(canvas.rgb.shape[:2], 255, np.uint8)
    backdrop.laid_on(painted, canvas.rgb, whole, left, top)
    matte, registration = canvas.matte, canvas.moved(shift(left, top))
    if matte is None:
        return Canvas(painted, registration=registration)
    subject = np.zeros((height, width), np.uint8)
    subject[top : top + matte.shape[0], left : left + matte.shape[1]] = matte
    return Canvas(painted, None, subject, cut_off=canvas.cut_off, registration=registration)
