"""Crop: a box, or the largest part of a given shape."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.studio.framing import Frame
from services.studio.operations.contract import Operation, Params

Ratio = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}(\.[0-9]{1,3})?:[1-9][0-9]{0,3}(\.[0-9]{1,3})?$")]


class CropParams(Params):
    """A box in fractions of the picture (so one recipe fits every size), a ratio, or a ratio inside a box."""

    x: float = Field(0.0, ge=0, lt=1, description="Left edge, as a fraction of the width.")
    y: float = Field(0.0, ge=0, lt=1, description="Top edge, as a fraction of the height.")
    width: float = Field(1.0, gt=0, le=1, description="Width, as a fraction of the picture's width.")
    height: float = Field(1.0, gt=0, le=1, description="Height, as a fraction of the picture's height.")
    ratio: Ratio | None = Field(None, description="Shape to crop to, width:height, such as 1:1 or 4:5.")
    anchor: Literal["center", "top", "bottom", "left", "right"] = Field(
        "center", description="Which part to keep when cropping to a ratio."
    )

    @model_validator(mode="after")
    def _box_fits(self) -> Self:
        if self.x + self.width > 1 + 1e-9 or self.y + self.height > 1 + 1e-9:
            raise ValueError("The box reaches beyond the picture: x + width and y + height must be at most 1.")
        if self.ratio is None and self.width == 1 and self.height == 1:
            raise ValueError("Say what to keep: a ratio such as 1:1, or a box smaller than the picture.")
        return self


class Crop(Operation[CropParams]):
    id = "crop"
    title = "Crop"
    summary = "Keeps a box, or the largest part with a given shape."
    params = CropParams
    credits = 0
    stage = "Cropping"
    position = 40
    own_card = False

    def frame(self, frame: Frame, params: CropParams) -> Frame:
        left, top, right, bottom = kept_box(frame, params)
        return Frame(right - left, bottom - top)

    def plan(self, frame: Frame, params: CropParams) -> dict[str, Any]:
        return {"box": kept_box(frame, params)}


def kept_box(frame: Frame, params: CropParams) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of what is kept: at least a pixel, the ratio (if any) as large as fits the box."""
    left, top = params.x * frame.width, params.y * frame.height
    width, height = params.width * frame.width, params.height * frame.height
    if params.ratio is not None:
        across, down = (float(part) for part in params.ratio.split(":"))
        kept_width, kept_height = min(width, height * across / down), min(height, width * down / across)
        horizontal = {"left": 0.0, "right": 1.0}.get(params.anchor, 0.5)
        vertical = {"top": 0.0, "bottom": 1.0}.get(params.anchor, 0.5)
        left, top = left + (width - kept_width) * horizontal, top + (height - kept_height) * vertical
        width, height = kept_width, kept_height
    x = min(frame.width - 1, round(left))
    y = min(frame.height - 1, round(top))
    return x, y, min(frame.width, x + max(1, round(width))), min(frame.height, y + max(1, round(height)))


OPERATION = Crop()
