"""The catalogue of studio operations: what each does, takes, costs and which engines can run it. No pixels here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from services.studio.marketplaces import PresetId

HexColor = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True)]
AssetId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Ratio = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,3}(\.[0-9]{1,3})?:[1-9][0-9]{0,3}(\.[0-9]{1,3})?$")]
Engine = Literal["auto", "on_device"]
ShadowKind = Literal["contact", "reflection"]

MAX_SIDE = 10_000
"""Longest side a person may ask for, in pixels."""


class Params(BaseModel):
    """Parameters of one operation: typed, bounded, frozen; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class RemoveBackgroundParams(Params):
    engine: Engine = Field("auto", description="Who cuts out. `auto` takes the best engine on this machine.")


class EnhanceParams(Params):
    strength: float = Field(0.7, ge=0, le=1, description="How far to go, from 0 (nothing) to 1 (everything).")
    white_balance: bool = Field(True, description="Take a colour cast out of what should be grey or white.")
    exposure: bool = Field(True, description="Make a dark or washed-out photo as bright as it should be.")
    contrast: bool = Field(True, description="Give a flat photo depth.")
    denoise: bool = Field(True, description="Smooth the grain of a photo taken in little light.")
    sharpen: bool = Field(True, description="Bring fine detail out.")


class UpscaleParams(Params):
    factor: float = Field(2.0, ge=2, le=4, description="How many times as wide and as high the result is.")


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


class RotateParams(Params):
    angle: float = Field(
        90.0, ge=-360, le=360, description="Degrees clockwise. A quarter turn loses nothing; a few degrees straighten."
    )
    corners: Literal["crop", "transparent", "color"] = Field(
        "crop",
        description="What to do with the empty corners of a tilted picture: crop them away, leave them transparent, "
        "or fill them with a colour.",
    )
    color: HexColor = Field("#ffffff", description="The colour of the corners when `corners` is `color`.")


class ResizeParams(Params):
    width: int | None = Field(None, ge=1, le=MAX_SIDE, description="Width in pixels. Leave out to follow the height.")
    height: int | None = Field(None, ge=1, le=MAX_SIDE, description="Height in pixels. Leave out to follow the width.")
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


class AdjustParams(Params):
    brightness: float = Field(0.0, ge=-100, le=100, description="-100 darker to 100 brighter; 0 changes nothing.")
    contrast: float = Field(0.0, ge=-100, le=100, description="-100 flatter to 100 stronger; 0 changes nothing.")
    saturation: float = Field(0.0, ge=-100, le=100, description="-100 grey to 100 vivid; 0 changes nothing.")


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
    engine: Engine = Field("auto", description="Who cuts the product out, when the photo still has its background.")

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


class ShadowParams(Params):
    kind: ShadowKind = Field("contact", description="A soft contact shadow, or a reflection as on glass.")
    strength: float = Field(0.5, ge=0, le=1, description="From 0 (none) to 1 (strong).")


class RestyleParams(Params):
    """The product as a plush toy. The provider draws it anew, so the result has the provider's own size."""

    style: Literal["cute", "realistic", "cartoon"] = Field(
        "cute", description="`cute` is round and big-eyed, `realistic` keeps proportions, `cartoon` is bold and flat."
    )
    size: Literal["small", "medium", "large"] = Field(
        "medium", description="How large the toy looks: pocket size, to hold in two hands, or to hug."
    )
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = Field(
        "", description="What else you wish for, in your own words, such as a colour or a material."
    )
    engine: Literal["ai"] = Field("ai", description="Who draws it: a generative provider.")


@dataclass(frozen=True)
class Operation:
    """One entry of the catalogue. `credits` is the price a picture; `includes` names operations paid for with it.

    One that `needs_key` is done by a generative provider, in a step of its own. `inputs` are the names of further
    pictures that one which works on several takes.
    """

    id: str
    title: str
    summary: str
    params: type[Params]
    credits: int
    engines: tuple[str, ...] = ("on_device",)
    needs_key: bool = False
    includes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


_ALL = (
    Operation(
        "remove_background",
        "Remove background",
        "Cuts the product out and leaves the rest transparent. Says how sure it is.",
        RemoveBackgroundParams,
        credits=1,
    ),
    Operation(
        "enhance",
        "Enhance",
        "Corrects colour cast, exposure and contrast, calms grain and sharpens, only as far as the photo needs.",
        EnhanceParams,
        credits=1,
    ),
    Operation(
        "upscale",
        "Upscale",
        "Makes a small photo two to four times as large and keeps its edges crisp.",
        UpscaleParams,
        credits=1,
    ),
    Operation("crop", "Crop", "Keeps a box, or the largest part with a given shape.", CropParams, credits=0),
    Operation("rotate", "Rotate", "Turns the picture, or straightens it by a few degrees.", RotateParams, credits=0),
    Operation("resize", "Resize", "Brings the picture to a size in pixels.", ResizeParams, credits=0),
    Operation(
        "adjust",
        "Adjust",
        "Brightness, contrast and saturation by hand. On a new background only the product changes.",
        AdjustParams,
        credits=0,
    ),
    Operation(
        "background",
        "Background",
        "Puts the product on a colour, a gradient, a picture or a marketplace's frame. Cuts it out first if needed.",
        BackgroundParams,
        credits=1,
        includes=("remove_background",),
    ),
    Operation(
        "shadow",
        "Shadow",
        "Grounds a cut-out product with a soft contact shadow or a reflection.",
        ShadowParams,
        credits=0,
    ),
    Operation(
        "restyle",
        "Restyle",
        "Draws the product anew as a plush toy, in one of three styles and sizes. Made by a generative provider.",
        RestyleParams,
        credits=1,
        engines=("ai",),
        needs_key=True,
    ),
)

CATALOGUE: Mapping[str, Operation] = MappingProxyType({operation.id: operation for operation in _ALL})
