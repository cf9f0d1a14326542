"""Resize: bring a picture to a size in pixels."""

import math
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from services.studio.framing import Frame, within_limits
from services.studio.operations.contract import MAX_SIDE, HexColor, Operation, Params, form, rgb


class ResizeParams(Params):
    width: int | None = Field(
        None,
        ge=1,
        le=MAX_SIDE,
        description="Width in pixels. Leave out to follow the height.",
        json_schema_extra=form(unit="px"),
    )
    height: int | None = Field(
        None,
        ge=1,
        le=MAX_SIDE,
        description="Height in pixels. Leave out to follow the width.",
        json_schema_extra=form(unit="px"),
    )
    fit: Literal["inside", "cover", "pad", "stretch"] = Field(
        "inside",
        description="With both sides given: `inside` keeps everything and the shape, `cover` fills the box and crops, "
        "`pad` fills the box with colour around, `stretch` distorts.",
    )
    color: HexColor = Field("#ffffff", description="The colour around the picture when `fit` is `pad`.")

    @model_validator(mode="after")
    def _some_side(self) -> Self:
        if self.width is None and self.height is None:
            raise ValueError("Give a width, a height, or both.")
        if self.fit != "inside" and (self.width is None or self.height is None):
            raise ValueError(f"Fit '{self.fit}' needs both a width and a height.")
        return self


class Resize(Operation[ResizeParams]):
    id = "resize"
    title = "Resize"
    summary = "Brings the picture to a size in pixels."
    params = ResizeParams
    credits = 0
    stage = "Resizing"
    position = 60
    own_card = False

    def fixed_frame(self, params: ResizeParams) -> Frame | None:
        if params.width is None or params.height is None or params.fit == "inside":
            return None
        return Frame(params.width, params.height)

    def frame(self, frame: Frame, params: ResizeParams) -> Frame:
        return resized(frame, params)[1]

    def plan(self, frame: Frame, params: ResizeParams) -> dict[str, Any]:
        inner, outer = resized(frame, params)
        return {
            "scaled": within_limits(inner).size,
            "size": outer.size,
            "crops": params.fit == "cover",
            "color": rgb(params.color),
        }

    def must_change(self, params: ResizeParams) -> bool:
        return False  # a photo may have the size it is asked to get

    def transparency(self, params: ResizeParams) -> bool | None:
        return False if params.fit == "pad" else None


def resized(frame: Frame, params: ResizeParams) -> tuple[Frame, Frame]:
    """(size the picture is scaled to, size of the result); they differ for cover and pad."""
    if params.width is None or params.height is None or params.fit == "inside":
        by_width = math.inf if params.width is None else params.width / frame.width
        by_height = math.inf if params.height is None else params.height / frame.height
        scaled = frame.scaled(min(by_width, by_height))
        return scaled, scaled
    wanted = Frame(params.width, params.height)
    across, down = wanted.width / frame.width, wanted.height / frame.height
    if params.fit == "stretch":
        return wanted, wanted
    if params.fit == "cover":
        scaled = frame.scaled(max(across, down))
        return Frame(max(scaled.width, wanted.width), max(scaled.height, wanted.height)), wanted
    scaled = frame.scaled(min(across, down))
    return Frame(min(scaled.width, wanted.width), min(scaled.height, wanted.height)), wanted


OPERATION = Resize()
