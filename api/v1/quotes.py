"""What a recipe will cost, before anything runs."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from api.v1.dependencies import Reader
from api.v1.schemas import Body, View
from services.studio.pricing import quote_now
from services.studio.recipes import parse_recipe

router = APIRouter(prefix="/quotes", tags=["studio"])

EXAMPLE_RECIPE: dict[str, Any] = {"steps": [{"op": "background", "params": {"preset": "amazon_main"}}]}


class QuoteBody(Body):
    """A recipe, and how many pictures it is for."""

    recipe: dict[str, Any] = Field(examples=[EXAMPLE_RECIPE])
    count: int = Field(default=1, ge=1, le=10_000)


class QuoteLine(View):
    """One step's part of the price of one picture."""

    op: str
    title: str
    credits: int
    engine: str
    note: str | None


class Quote(View):
    """The price, and the recipe as it will run: every default filled in."""

    object: Literal["quote"] = "quote"
    count: int
    credits_each: int
    credits_total: int
    lines: list[QuoteLine]
    recipe: dict[str, Any]


@router.post("", summary="Price a recipe")
def create_quote(body: QuoteBody, actor: Reader) -> Quote:
    """Nothing runs and nothing is kept. 503 `provider_unavailable` for a recipe whose provider has no key here."""
    recipe = parse_recipe(body.recipe)
    priced = quote_now(recipe, body.count)
    return Quote(
        count=body.count,
        credits_each=priced.credits_each,
        credits_total=priced.credits_total,
        lines=[QuoteLine.model_validate(line) for line in priced.lines],
        recipe=recipe.canonical(),
    )
