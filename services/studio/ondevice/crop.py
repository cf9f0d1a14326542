"""The pixels of Crop."""

from services.studio.ondevice.affine import shift
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.geometry import cropped
from services.studio.ondevice.work import Work


def apply(canvas: Canvas, work: Work, *, box: tuple[int, int, int, int]) -> Canvas:
    """Keep the box (left, top, right, bottom)."""
    return canvas.reshaped(shift(-box[0], -box[1]), lambda plane: cropped(plane, *box))
