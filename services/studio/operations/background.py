"""Background: the product on a colour, a gradient, a picture or a marketplace's frame."""

import re
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from services.studio.framing import Frame, within_limits
from services.studio.marketplaces import PRESETS, PresetId, Sold
from services.studio.operations.contract import (
    MAX_SIDE,
    AssetId,
    EngineChoice,
    HexColor,
    Operation,
    Params,
    form,
    rgb,
)

DEFAULT_FILL = 0.85
CLEAR, CLEAR_AT_LEAST = 0.014, 8
"""How far a shadow stays away from the frame's edge: a share of the shorter side, or 1 % of it and so many pixels."""
ENOUGH = 1.6
"""A photo for a cut-out need be no larger than this many times the product's final size."""


class Gradient(Params):
    start: HexColor = Field(alias="from", description="Colour at the start, #rrggbb.")
    end: HexColor = Field(alias="to", description="Colour at the end, #rrggbb.")
    angle: float = Field(180.0, ge=-360, le=360, description="Direction as in CSS: 180 runs down, 90 runs right.")


class Size(Params):
    width: int = Field(ge=16, le=MAX_SIDE, description="Width in pixels.")
    height: int = Field(ge=16, le=MAX_SIDE, description="Height in pixels.")


class BackgroundParams(Params):
    """What stands behind the product. A preset decides size, fill and colour; the others override a part of it."""

    preset: PresetId | None = Field(None, description="A marketplace whose rules decide size, background and margin.")
    color: HexColor | None = Field(None, description="One colour, #rrggbb.")
    gradient: Gradient | None = Field(None, description="A blend of two colours.")
    image_asset_id: AssetId | None = Field(None, description="One of your pictures as the background.")
    shadow: Literal["none", "contact", "reflection"] = Field(
        "none", description="What grounds the product: nothing, a soft contact shadow or a reflection."
    )
    shadow_strength: float = Field(0.5, ge=0, le=1, description="How strong the shadow or reflection is.")
    fill: float | None = Field(
        None, ge=0.1, le=1, description="How much of the frame the product spans: 0.85 is 85% of the tighter side."
    )
    margin: float | None = Field(
        None, ge=0, le=0.45, description="Free space on each side instead of `fill`: 0.1 is 10% of the frame."
    )
    size: Size | None = Field(
        None, description="Frame in pixels. A single number makes a square. Without it the photo keeps its frame."
    )
    sold: Sold = Field(
        "one",
        description="What the picture sells: `one` item, or a `set` or pair. Rules about further items and props hold "
        "for one item only.",
    )
    engine: EngineChoice = Field(
        "auto",
        description="Who cuts the product out, when the photo still has its background: `auto` takes the best engine "
        "that can run now.",
        json_schema_extra=form(hidden=True),
    )

    @field_validator("size", mode="before")
    @classmethod
    def _square(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"width": value, "height": value}
        if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,5})(?:x(\d{1,5}))?", value)):
            return {"width": int(match[1]), "height": int(match[2] or match[1])}
        return value

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if sum(choice is not None for choice in (self.color, self.gradient, self.image_asset_id)) > 1:
            raise ValueError("Choose one background: a colour, a gradient or a picture.")
        if self.fill is not None and self.margin is not None:
            raise ValueError("Give either fill or margin, not both.")
        return self


class Background(Operation[BackgroundParams]):
    id = "background"
    title = "Background"
    summary = (
        "Puts the product on a colour, a gradient, a picture or a marketplace's frame. Cuts it out first if needed."
    )
    params = BackgroundParams
    credits = 1
    includes = ("remove_background",)
    prepared_by = "remove_background"
    stage = "Placing on the background"
    weight = 2.0
    position = 80
    own_card = False

    def completed(self, params: BackgroundParams) -> BackgroundParams:
        """A background is white unless chosen, a shadow the preset's own."""
        if params.preset is not None:
            shadow = params.shadow if "shadow" in params.model_fields_set else PRESETS[params.preset].shadow
            return params.model_copy(update={"shadow": shadow})
        if params.color is None and params.gradient is None and params.image_asset_id is None:
            return params.model_copy(update={"color": "#ffffff"})
        return params

    def fixed_frame(self, params: BackgroundParams) -> Frame | None:
        if params.size is not None:
            return Frame(params.size.width, params.size.height)
        return Frame(*PRESETS[params.preset].size) if params.preset is not None else None

    def plan(self, frame: Frame, params: BackgroundParams) -> dict[str, Any]:
        frame = within_limits(self.fixed_frame(params) or frame)
        fill, blend = fill_ratio(params), params.gradient
        color = params.color or (PRESETS[params.preset].color if params.preset is not None else "#ffffff")
        side = min(frame.width, frame.height)
        return {
            "size": frame.size,
            "fill": fill,
            "color": rgb(color),
            "gradient": None if blend is None else (rgb(blend.start), rgb(blend.end), blend.angle),
            "picture": params.image_asset_id,
            "shadow": params.shadow,
            "strength": params.shadow_strength,
            "clear": 0 if fill is None else max(max(1, round(0.01 * side)) + CLEAR_AT_LEAST, round(CLEAR * side)),
        }

    def transparency(self, params: BackgroundParams) -> bool:
        return False

    def cutting_side(self, params: BackgroundParams) -> int | None:
        frame = self.fixed_frame(params)
        if frame is None:
            return None
        return round(ENOUGH * (fill_ratio(params) or DEFAULT_FILL) * max(frame.size))

    def marketplace(self, params: BackgroundParams) -> str | None:
        return params.preset

    def file_word(self, params: BackgroundParams) -> str:
        return params.preset or self.id


def fill_ratio(params: BackgroundParams) -> float | None:
    """Share of the tighter side the product spans, or None to leave the product where it is in the photo."""
    if params.fill is not None:
        return params.fill
    if params.margin is not None:
        return 1 - 2 * params.margin
    if params.preset is not None:
        return PRESETS[params.preset].fill
    return DEFAULT_FILL if params.size is not None else None


OPERATION = Background()
