"""Upscale: a small photo made larger, its edges kept crisp."""

from typing import Any

from pydantic import Field

from services.studio.framing import Frame
from services.studio.operations.contract import Operation, Params, form


class UpscaleParams(Params):
    factor: float = Field(
        2.0,
        ge=2,
        le=4,
        description="How many times as wide and as high the result is.",
        json_schema_extra=form(step=0.5, unit="×"),
    )


class Upscale(Operation[UpscaleParams]):
    id = "upscale"
    title = "Upscale"
    summary = "Makes a small photo two to four times as large and keeps its edges crisp."
    params = UpscaleParams
    credits = 1
    stage = "Enlarging"
    weight = 3.0
    position = 30
    own_card = False

    def frame(self, frame: Frame, params: UpscaleParams) -> Frame:
        return frame.scaled(params.factor)

    def plan(self, frame: Frame, params: UpscaleParams) -> dict[str, Any]:
        return {"size": self.frame(frame, params).size}


OPERATION = Upscale()
