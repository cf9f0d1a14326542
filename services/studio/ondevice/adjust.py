"""The pixels of Adjust."""

from typing import Any

from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.tones import adjusted
from services.studio.ondevice.work import Work


def apply(canvas: Canvas, work: Work, **params: Any) -> Canvas:
    return canvas.recolored(adjusted(canvas.rgb, **params))
