"""Adjust: brightness, contrast and saturation by hand."""

from pydantic import Field

from services.studio.operations.contract import Operation, Params, form


class AdjustParams(Params):
    brightness: float = Field(
        0.0,
        ge=-100,
        le=100,
        description="-100 darker to 100 brighter; 0 changes nothing.",
        json_schema_extra=form(step=5),
    )
    contrast: float = Field(
        0.0,
        ge=-100,
        le=100,
        description="-100 flatter to 100 stronger; 0 changes nothing.",
        json_schema_extra=form(step=5),
    )
    saturation: float = Field(
        0.0, ge=-100, le=100, description="-100 grey to 100 vivid; 0 changes nothing.", json_schema_extra=form(step=5)
    )


class Adjust(Operation[AdjustParams]):
    id = "adjust"
    title = "Adjust"
    summary = "Brightness, contrast and saturation by hand. On a new background only the product changes."
    params = AdjustParams
    credits = 0
    stage = "Adjusting"
    position = 70
    own_card = False

    def must_change(self, params: AdjustParams) -> bool:
        return not params.brightness == params.contrast == params.saturation == 0


OPERATION = Adjust()
