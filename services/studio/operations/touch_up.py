"""Touch-up: a cut-out corrected by hand, with strokes that say what is product and what is not."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.studio.operations.contract import Operation, Params, form
from services.studio.operations.remove_background import RemoveBackgroundParams

MAX_STROKES = 60
MAX_POINTS = 3000
"""Of all strokes together; a stroke along a whole outline needs about a hundred."""

Mode = Literal["keep", "erase", "add", "remove"]
Share = Annotated[float, Field(ge=0, le=1), AfterValidator(lambda value: round(value, 4))]


class Stroke(BaseModel):
    """One stroke of a brush, or one click on an object; the later one wins where two say different things."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    mode: Mode = Field(
        description="`keep` and `erase` paint; `add` and `remove` take the object under the first point."
    )
    points: tuple[tuple[Share, Share], ...] = Field(
        min_length=1, max_length=400, description="Where the brush went, as [x, y] in shares of width and height."
    )
    width: Annotated[float, AfterValidator(lambda value: round(value, 4))] = Field(
        0.03, ge=0.002, le=0.3, description="Width of the brush, as a share of the photo's longer side."
    )
    softness: Share = Field(0.0, description="Share of the brush, from its rim inwards, that is not meant exactly.")
    snap: bool = Field(
        True,
        description="Whether the stroke spreads to what looks like it, up to the true edge; else it paints as it is.",
    )


class TouchUpParams(Params):
    strokes: tuple[Stroke, ...] = Field(
        min_length=1,
        max_length=MAX_STROKES,
        description="In the order in which they were made.",
        json_schema_extra=form(hidden=True),
    )

    @model_validator(mode="after")
    def _not_too_many_points(self) -> Self:
        if sum(len(stroke.points) for stroke in self.strokes) > MAX_POINTS:
            raise ValueError(f"The strokes have more than {MAX_POINTS} points. Leave out those close to one another.")
        return self


class TouchedUpParams(RemoveBackgroundParams):
    """Remove background with the strokes that correct it: what the two steps become when they run."""

    strokes: tuple[Stroke, ...] = Field(json_schema_extra=form(hidden=True))


class TouchUp(Operation[TouchUpParams]):
    id = "touch_up"
    title = "Touch-up"
    summary = "Corrects a cut-out by hand: each stroke brings a part back or takes it away, up to its true edge."
    params = TouchUpParams
    credits = 0
    stage = "Touching up"
    position = 15
    own_card = False

    def must_change(self, params: TouchUpParams) -> bool:
        return False

    def merged_into(self, before: Params, params: TouchUpParams) -> Params | None:
        """The strokes belong into the cut-out just before, which has the uncut photo at hand."""
        if not isinstance(before, RemoveBackgroundParams):
            return None
        earlier = before.strokes if isinstance(before, TouchedUpParams) else ()
        return TouchedUpParams(engine=before.engine, strokes=(*earlier, *params.strokes))


OPERATION = TouchUp()
