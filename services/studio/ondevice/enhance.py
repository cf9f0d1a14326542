"""The pixels of Enhance."""

from typing import Any

from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.enhancement import enhanced
from services.studio.ondevice.work import Work


def apply(canvas: Canvas, work: Work, **params: Any) -> Canvas:
    return canvas.recolored(enhanced(canvas.rgb, canvas.matte, **params))
