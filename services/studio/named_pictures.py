"""Pictures that a recipe names besides its input, as it is sent and as it is stored: plain data, valid or not."""

from collections.abc import Mapping
from typing import Any

from services.errors import FieldError
from services.studio.operations import registry
from services.studio.recipes import InvalidRecipe, Recipe


def with_inputs(recipe: object, inputs: Mapping[str, str]) -> object:
    """The recipe with these pictures as the parameters of those names, in every step whose operation has one.

    Raises InvalidRecipe for a name that no operation of the recipe has, or whose picture the recipe gives itself.
    """
    data = recipe.canonical() if isinstance(recipe, Recipe) else recipe
    if not inputs or not isinstance(data, Mapping):
        return recipe
    known = {name for step in _steps(data) for name in _names(step)}
    given = {name for step in _steps(data) for name in _pictures(step)}
    errors = [
        _error(name, "No operation of this recipe takes such a picture.") for name in sorted(inputs.keys() - known)
    ]
    errors += [_error(name, "The recipe names this picture itself.") for name in sorted(inputs.keys() & given)]
    if errors:
        raise InvalidRecipe(
            f"This recipe cannot run as it is. {errors[0].field}: {errors[0].message}", errors=tuple(errors)
        )
    return {**data, "steps": [_filled(step, inputs) for step in data.get("steps") or ()]} if known else recipe


def stored_pictures(recipe: object) -> tuple[str, ...]:
    """Ids of the pictures that a recipe names as it was stored, in order, once each. It need not be valid any more."""
    return tuple(dict.fromkeys(id for step in _steps(recipe) for id in _pictures(step).values()))


def _steps(recipe: object) -> list[Mapping[str, Any]]:
    steps = recipe.get("steps") if isinstance(recipe, Mapping) else None
    return [step for step in steps if isinstance(step, Mapping)] if isinstance(steps, list | tuple) else []


def _names(step: Mapping[str, Any]) -> tuple[str, ...]:
    operation = registry.find(step.get("op"))
    return () if operation is None else operation.picture_names


def _pictures(step: Mapping[str, Any]) -> dict[str, str]:
    params = step.get("params")
    if not isinstance(params, Mapping):
        return {}
    return {name: params[name] for name in _names(step) if isinstance(params.get(name), str)}


def _filled(step: object, inputs: Mapping[str, str]) -> object:
    if not isinstance(step, Mapping) or not isinstance(step.get("params") or {}, Mapping):
        return step
    taken = {name: inputs[name] for name in _names(step) if name in inputs}
    return {**step, "params": {**(step.get("params") or {}), **taken}} if taken else step


def _error(name: str, message: str) -> FieldError:
    return FieldError(f"inputs.{name}", message)
