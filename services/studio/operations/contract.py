"""What an operation says of itself. Each is one file beside this one, with an `OPERATION`; its pixels are elsewhere.

The app's process imports every operation, so none of them imports a pixel engine: pixels are named and loaded by
workers. See docs/how-to/add-an-operation.md.
"""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.studio.framing import Frame
from services.studio.provenance import AI_EDITED

Engine = Literal["on_device", "ai"]
"""Who runs a step: this machine, or a provider's generative model."""

EngineChoice = Literal["auto", "on_device", "ai"]
"""What a recipe may ask for: `auto` is the best engine that can run when the work is submitted."""

HexColor = Annotated[
    str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$", to_lower=True), Field(json_schema_extra={"format": "color"})
]
AssetId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$"), Field(json_schema_extra={"format": "asset-id"})
]
"""The id of one of the person's pictures. A parameter of this type is checked, loaded and offered as a choice."""

MAX_SIDE = 10_000
"""Longest side a person may ask for, in pixels."""


class Params(BaseModel):
    """Parameters of one operation: typed, bounded, frozen; unknown names are refused.

    The form is drawn from the JSON Schema: a field's title is its label and its description the help beside it; see
    `form` for what the schema cannot say.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


P = TypeVar("P", bound=Params)


def form(
    *,
    hidden: bool = False,
    percent: bool = False,
    step: float | None = None,
    unit: str = "",
    words: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Hints for the form, as a field's `json_schema_extra`: leave the field out; show 0..1 as a percentage; the step of
    a slider; what stands after its number, such as `°` or `px`; words for the values of a choice."""
    hints = {"hidden": hidden, "percent": percent, "step": step, "unit": unit, "words": dict(words or {})}
    return {"x-form": {name: hint for name, hint in hints.items() if hint}}


class AiWork(BaseModel):
    """What an operation's AI engine is asked for: the provider and model it ships with, what one picture by that model
    costs in millionths of a US dollar, and the words, with placeholders in braces. Staff may change all but the
    placeholders."""

    model_config = ConfigDict(frozen=True)

    provider: str
    model: str
    price_micros: int
    template: str
    placeholders: frozenset[str] = frozenset()


class Operation(Generic[P]):
    """One operation of the catalogue: a subclass says what differs from the usual, its module holds one instance.

    It has no state; `credits` is the default price of a picture, which staff may change.
    """

    id: str
    title: str
    summary: str
    params: type[P]
    credits: int
    version: ClassVar[int] = 1
    """Counts up whenever the same parameters give another picture; kept with each result."""
    includes: ClassVar[tuple[str, ...]] = ()
    """Operations whose price is covered by this one's."""
    engines: ClassVar[tuple[Engine, ...]] = ("on_device",)
    """Who can run it, the best first."""
    ai: ClassVar[AiWork | None] = None
    """What to ask a provider for; without it the AI engine is never available."""
    stage: str
    """What the person reads while it runs, such as `Enhancing`."""
    weight: ClassVar[float] = 1.0
    """Its share of the progress bar against other operations."""
    prepared_by: ClassVar[str | None] = None
    """The operation that has to run first on a picture that is no cut-out."""
    opaque_only: ClassVar[bool] = False
    """Whether a picture that is a cut-out already passes unchanged."""
    first_only: ClassVar[bool] = False
    """Whether it needs the photo as it was taken, so that no step may come before it."""
    position: ClassVar[int] = 1000
    """Its place in lists: lower comes first."""
    own_card: ClassVar[bool] = True
    """Whether the Create screen offers it on a card by itself."""

    @property
    def pixels(self) -> str:
        """Where its pixels are, as `module:function`; the function is described in `services.studio.ondevice.work`."""
        return f"services.studio.ondevice.{self.id}:apply"

    @property
    def picture_names(self) -> tuple[str, ...]:
        """The parameters that name further pictures."""
        return _picture_fields(self.params)

    @property
    def needed_pictures(self) -> tuple[str, ...]:
        """Those of them that it cannot do without."""
        return tuple(name for name in self.picture_names if self.params.model_fields[name].is_required())

    @property
    def by_provider(self) -> bool:
        """Whether only a provider can do it."""
        return "on_device" not in self.engines

    def completed(self, params: P) -> P:
        """The parameters with the defaults that depend on other parameters filled in."""
        return params

    def fixed_frame(self, params: P) -> Frame | None:
        """The size of the result where the parameters alone decide it."""
        return None

    def frame(self, frame: Frame, params: P) -> Frame | None:
        """The size of the result for a picture of size `frame`; None where it depends on what is in the picture."""
        return self.fixed_frame(params) or frame

    def plan(self, frame: Frame, params: P) -> dict[str, Any]:
        """What its pixels are called with, worked out for a picture of size `frame`: plain values by name. Raises
        PictureTooLarge."""
        return params.model_dump(exclude={"engine"})

    def must_change(self, params: P) -> bool:
        """Whether a result that looks the same as the photo is a fault."""
        return True

    def transparency(self, params: P) -> bool | None:
        """Whether the result has transparent parts (True) or none (False); None if that stays as it was."""
        return None

    def pictures(self, params: P) -> dict[str, str]:
        """Ids of the pictures that the parameters name, by parameter."""
        named = {name: getattr(params, name) for name in self.picture_names}
        return {name: asset_id for name, asset_id in named.items() if asset_id is not None}

    def merged_into(self, before: Params, params: P) -> Params | None:
        """The parameters of the step just before with this one made a part of it; None if this is a step of its own."""
        return None

    def cutting_side(self, params: P) -> int | None:
        """Longest side in pixels at which a cut-out just before is worth making; None for the picture's own."""
        return None

    def marketplace(self, params: P) -> str | None:
        """The marketplace preset whose rules the result is held against."""
        return None

    def file_word(self, params: P) -> str:
        """What the name of a result's file says of it."""
        return self.id

    def source_type(self, engine: Engine) -> str | None:
        """The IPTC digital source type that a result of that engine has; None if it keeps its source's."""
        return AI_EDITED if engine == "ai" else None

    def words(self, params: P) -> dict[str, str]:
        """What stands for each placeholder of `ai.template`."""
        return {}


def apply_function(operation: Operation[Any]) -> Any:
    """The function of an operation's pixels. Only workers load it: it brings the pixel engines along."""
    module, _, name = operation.pixels.partition(":")
    return getattr(import_module(module), name)


def rgb(color: str) -> tuple[int, int, int]:
    """`#rrggbb` to (red, green, blue)."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@cache
def _picture_fields(params: type[Params]) -> tuple[str, ...]:
    declared: dict[str, dict[str, Any]] = params.model_json_schema(by_alias=False).get("properties", {})
    return tuple(
        name
        for name, field in declared.items()
        if any(one.get("format") == "asset-id" for one in (field, *field.get("anyOf", ())))
    )
