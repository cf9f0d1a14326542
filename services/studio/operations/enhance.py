"""Enhance: better light, colour and sharpness, only as far as the photo needs."""

from pydantic import Field

from services.studio.operations.contract import Operation, Params, form


class EnhanceParams(Params):
    strength: float = Field(
        0.7,
        ge=0,
        le=1,
        title="How far to go",
        description="How far to go, from 0 (nothing) to 1 (everything).",
        json_schema_extra=form(percent=True, step=0.05),
    )
    white_balance: bool = Field(True, description="Take a colour cast out of what should be grey or white.")
    exposure: bool = Field(True, description="Make a dark or washed-out photo as bright as it should be.")
    contrast: bool = Field(True, description="Give a flat photo depth.")
    denoise: bool = Field(True, title="Reduce grain", description="Smooth the grain of a photo taken in little light.")
    sharpen: bool = Field(True, description="Bring fine detail out.")


class Enhance(Operation[EnhanceParams]):
    id = "enhance"
    title = "Enhance"
    summary = "Corrects colour cast, exposure and contrast, calms grain and sharpens, only as far as the photo needs."
    params = EnhanceParams
    credits = 1
    stage = "Enhancing"
    weight = 3.0
    position = 20

    def must_change(self, params: EnhanceParams) -> bool:
        return params.strength != 0


OPERATION = Enhance()
