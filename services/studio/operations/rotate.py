"""Rotate: turn a picture, or straighten it by a few degrees."""

import math
from typing import Any, Literal

from pydantic import Field

from services.studio.framing import Frame
from services.studio.operations.contract import HexColor, Operation, Params, form, rgb


class RotateParams(Params):
    angle: float = Field(
        90.0,
        ge=-360,
        le=360,
        description="Degrees clockwise. A quarter turn loses nothing; a few degrees straighten.",
        json_schema_extra=form(step=0.5, unit="°"),
    )
    corners: Literal["crop", "transparent", "color"] = Field(
        "crop",
        description="What to do with the empty corners of a tilted picture: crop them away, leave them transparent, "
        "or fill them with a colour.",
    )
    color: HexColor = Field("#ffffff", description="The colour of the corners when `corners` is `color`.")


class Rotate(Operation[RotateParams]):
    id = "rotate"
    title = "Rotate"
    summary = "Turns the picture, or straightens it by a few degrees."
    params = RotateParams
    credits = 0
    stage = "Rotating"
    position = 50
    own_card = False

    def frame(self, frame: Frame, params: RotateParams) -> Frame:
        """Exact for quarter turns; else the largest upright part, or all of it."""
        turns, rest = divmod(params.angle % 360, 90)
        upright = Frame(frame.height, frame.width) if turns % 2 else frame
        if rest == 0:
            return upright
        return largest_upright(upright, rest) if params.corners == "crop" else surrounding(upright, rest)

    def plan(self, frame: Frame, params: RotateParams) -> dict[str, Any]:
        turns, rest = divmod(params.angle % 360, 90)
        size = self.frame(frame, params).size
        return {
            "turns": int(turns),
            "degrees": rest,
            "size": size,
            "corners": params.corners,
            "color": rgb(params.color),
        }

    def must_change(self, params: RotateParams) -> bool:
        return params.angle % 360 != 0

    def transparency(self, params: RotateParams) -> bool | None:
        return True if params.corners == "transparent" and params.angle % 90 else None


def largest_upright(frame: Frame, degrees: float) -> Frame:
    """The largest axis-parallel rectangle inside a rectangle turned by 0 < degrees < 90.

    The long side either spans the turned rectangle's width (half-constrained) or all four corners touch.
    """
    angle = math.radians(degrees)
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    long, short = max(frame.width, frame.height), min(frame.width, frame.height)
    if short <= 2.0 * sine * cosine * long or abs(sine - cosine) < 1e-9:
        half = 0.5 * short
        width, height = (half / sine, half / cosine) if frame.width >= frame.height else (half / cosine, half / sine)
    else:
        double = cosine * cosine - sine * sine
        width = (frame.width * cosine - frame.height * sine) / double
        height = (frame.height * cosine - frame.width * sine) / double
    return Frame(max(1, math.floor(width)), max(1, math.floor(height)))


def surrounding(frame: Frame, degrees: float) -> Frame:
    """The smallest axis-parallel rectangle around a rectangle turned by `degrees`."""
    angle = math.radians(degrees)
    sine, cosine = abs(math.sin(angle)), abs(math.cos(angle))
    return Frame(
        max(1, math.ceil(frame.width * cosine + frame.height * sine - 1e-6)),
        max(1, math.ceil(frame.width * sine + frame.height * cosine - 1e-6)),
    )


OPERATION = Rotate()
