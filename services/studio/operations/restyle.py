"""Restyle: the product drawn anew as a plush toy, by a generative provider."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.studio.operations.contract import AiWork, Operation, Params, form

_STYLES = {
    "cute": "a cute plush toy: rounded, simplified, a little chubby, with big shiny embroidered eyes if it has a face",
    "realistic": "a realistic plush toy: true to the product's proportions, colours and details, in fine short pile",
    "cartoon": "a cartoon plush toy: bold simple shapes, bright flat colours and clearly visible dark outlines",
}
_SIZES = {
    "small": "small, a pocket-sized toy that stands on an open palm",
    "medium": "medium, a toy to hold in two hands, about 30 cm high",
    "large": "large, a toy to hug, about as big as a child",
}


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
    engine: Literal["ai"] = Field(
        "ai", description="Who draws it: a generative provider.", json_schema_extra=form(hidden=True)
    )


class Restyle(Operation[RestyleParams]):
    id = "restyle"
    title = "Restyle"
    summary = "Draws the product anew as a plush toy, in one of three styles and sizes. Made by a generative provider."
    params = RestyleParams
    credits = 1
    engines = ("ai",)
    stage = "Waiting for the AI service"
    position = 100
    own_card = False
    ai = AiWork(
        provider="gemini",
        model="gemini-2.5-flash-image",
        price_micros=39_000,
        template=(
            "Redraw the main product of this photo as {style}. It is {size}. Keep it recognisable: the same kind "
            "of thing, its main colours and distinctive parts, seen from the same side. Soft fabric with visible "
            "seams. Show the whole toy, alone and centred, in soft studio light on a plain light background, as in "
            "a photo for a shop. Add no text, no logo and no people.{wishes}"
        ),
        placeholders=frozenset({"style", "size", "wishes"}),
    )

    def transparency(self, params: RestyleParams) -> bool:
        return False

    def words(self, params: RestyleParams) -> dict[str, str]:
        wishes = f' The shop owner also wishes: "{params.words}"' if params.words else ""
        return {"style": _STYLES[params.style], "size": _SIZES[params.size], "wishes": wishes}


OPERATION = Restyle()
