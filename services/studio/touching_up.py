"""Recipes and the strokes that correct their cut-out: where they go in, how to leave them out. No pixels."""

from collections.abc import Mapping
from typing import Any

from services.errors import Invalid
from services.studio.operations import registry
from services.studio.recipes import Recipe, Step, leaves_transparency, needs_provider, parse_recipe

CUT_OUT, TOUCH_UP = "remove_background", "touch_up"


class CannotTouchUp(Invalid):
    """A recipe without a cut-out that a person could correct."""

    message = "Only a picture whose product was cut out here from one of your photos can be touched up."


def can_touch_up(recipe: Recipe) -> bool:
    """Whether it cuts out once, on this machine, and asks no provider for anything."""
    place = _place(recipe)
    if place is None or needs_provider(recipe) or leaves_transparency(recipe.steps[:place]):
        return False
    return sum(step.op == CUT_OUT for step in recipe.steps) <= 1


def touched_up(recipe: Recipe, strokes: object) -> Recipe:
    """The recipe with these strokes, as plain data, in the place of those it had. Raises CannotTouchUp, and
    InvalidRecipe for strokes beyond the limits."""
    place = _place(recipe)
    if place is None or not can_touch_up(recipe):
        raise CannotTouchUp
    data = recipe.canonical()
    before, rest = data["steps"][:place], data["steps"][place:]
    cut = rest.pop(0) if rest[0]["op"] == CUT_OUT else {"op": CUT_OUT, "params": {}}
    rest = [step for step in rest if step["op"] != TOUCH_UP]
    corrected = {"op": TOUCH_UP, "params": {"strokes": strokes}}
    return parse_recipe({**data, "steps": [*before, cut, corrected, *rest]})


def strokes_in(recipe: Recipe) -> list[dict[str, Any]]:
    """The strokes of a recipe, as plain data."""
    steps = [step for step in recipe.canonical()["steps"] if step["op"] == TOUCH_UP]
    return [stroke for step in steps for stroke in step["params"]["strokes"]]


def steps_before_cut(recipe: Recipe) -> tuple[Step, ...]:
    """What is done to the photo before the product is cut out of it."""
    return recipe.steps[: _place(recipe) or 0]


def is_touched_up(stored: Mapping[str, Any]) -> bool:
    """Whether a recipe as stored corrects its cut-out."""
    return any(step.get("op") == TOUCH_UP for step in stored.get("steps", ()))


def without_touch_up(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A recipe as stored, without its strokes, and without the cut-out that was only written out for them: the same for
    a recipe and for what `touched_up` makes of it."""
    steps = [step for step in stored.get("steps", ()) if step.get("op") != TOUCH_UP]
    following = [*steps[1:], {}]
    kept = [step for step, after in zip(steps, following, strict=True) if not _goes_without_saying(step, after)]
    return {**stored, "steps": kept}


def _goes_without_saying(step: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    operation = registry.find(after.get("op"))
    return step.get("op") == CUT_OUT and operation is not None and operation.prepared_by == CUT_OUT


def _place(recipe: Recipe) -> int | None:
    """Where the product is cut out: by a step of its own, or before the first that needs it."""
    for number, step in enumerate(recipe.steps):
        if step.op == CUT_OUT or step.operation.prepared_by == CUT_OUT:
            return number
    return None
