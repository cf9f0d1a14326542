"""The pixels of Upscale."""

from services.studio.ondevice.affine import scale
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.geometry import enlarged, scaled
from services.studio.ondevice.work import Work


def apply(canvas: Canvas, work: Work, *, size: tuple[int, int]) -> Canvas:
    move = scale(canvas.size, size)
    return canvas.reshaped(move, lambda plane: scaled(plane, *size), lambda rgb: enlarged(rgb, *size))
