"""Recipes: an ordered list of operations and an output. Parsing validates everything and fills every default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, ValidationError

from services.errors import FieldError, Invalid
from services.studio.framing import Frame
from services.studio.marketplaces import PRESETS, Sold
from services.studio.operations import registry
from services.studio.operations.contract import Engine, Operation, Params

MAX_STEPS = 20
OutputFormat = Literal["jpeg", "png", "webp", "avif"]


class InvalidRecipe(Invalid):
    """The recipe cannot run; `errors` says why, each with a path such as `steps[0].params.preset`."""

    message = "This recipe cannot run as it is."


class Output(BaseModel):
    """File to make. `quality` counts for jpeg, webp and avif; png is always lossless."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: OutputFormat = Field("jpeg", description="File format of the result.")
    quality: int = Field(92, ge=1, le=100, description="1 (smallest) to 100 (best); png ignores it.")


class Step(BaseModel):
    """One operation with its parameters, all defaults filled in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    op: str
    params: SerializeAsAny[Params]

    @property
    def operation(self) -> Operation[Any]:
        return registry.operation(self.op)

    @property
    def engine(self) -> Engine:
        """Who runs it, once `engines.settled` has chosen; before, this machine where it can."""
        return chosen_engine(self.operation, getattr(self.params, "engine", "auto"))

    @property
    def by_provider(self) -> bool:
        return self.engine == "ai"


class Recipe(BaseModel):
    """Steps and output in canonical form: every default filled in. `canonical` gives what `parse_recipe` reads back."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: tuple[Step, ...] = Field(min_length=1, max_length=MAX_STEPS)
    output: Output

    def canonical(self) -> dict[str, Any]:
        """The recipe as plain JSON data: what is stored with a job."""
        return self.model_dump(mode="json", by_alias=True)


def parse_recipe(data: object) -> Recipe:
    """Validate and complete a recipe given as plain data (or one already parsed). Raises InvalidRecipe."""
    if isinstance(data, Recipe):
        return data
    if not isinstance(data, Mapping):
        raise _invalid([("recipe", "A recipe is an object with `steps`, each an operation with its parameters.")])
    errors = [
        (str(key), "Unknown field. A recipe has `steps` and `output`.") for key in data.keys() - {"steps", "output"}
    ]
    steps = _parse_steps(data.get("steps"), errors)
    output = _parse_output(data.get("output"), steps, errors)
    if errors or output is None:
        raise _invalid(errors)
    return Recipe(steps=steps, output=output)


def chosen_engine(operation: Operation[Any], wanted: object) -> Engine:
    """The engine that a stored `engine` parameter means: what it names, else this machine where that can do it."""
    if wanted == "ai" or "on_device" not in operation.engines:
        return "ai"
    return "on_device"


def asset_references(recipe: Recipe) -> list[str]:
    """Ids of the pictures a recipe uses besides its input, in order, once each: the caller checks whose they are."""
    return list(dict.fromkeys(id for step in recipe.steps for id in step.operation.pictures(step.params).values()))


def main_picture(recipe: Recipe) -> str | None:
    """Id of the first picture that an operation cannot do without: what is worked on where no other is given."""
    for step in recipe.steps:
        for name, asset_id in step.operation.pictures(step.params).items():
            if name in step.operation.needed_pictures:
                return asset_id
    return None


def worked_on(recipe: Recipe, asset_ids: Sequence[str]) -> tuple[str, ...]:
    """Of the pictures that somebody chose, those to make pictures of: what the recipe names is only used with them. The
    first that an operation cannot do without if no other is left."""
    named, main = asset_references(recipe), main_picture(recipe)
    left = tuple(id for id in asset_ids if id not in named)
    return left or tuple(id for id in asset_ids if id == main)


def expected_frame(frame: Frame, recipe: Recipe) -> Frame | None:
    """The size of a recipe's result for a picture of size `frame`; None when it depends on what is in the picture."""
    known: Frame | None = frame
    for step in recipe.steps:
        fixed = step.operation.fixed_frame(step.params)
        known = fixed or (known and step.operation.frame(known, step.params))
    return known


def marketplace(recipe: Recipe) -> str | None:
    """The preset that the result is made for: the last that a step names."""
    named = (step.operation.marketplace(step.params) for step in reversed(recipe.steps))
    return next((preset for preset in named if preset is not None), None)


def sold(recipe: Recipe) -> Sold:
    """What the marketplace's picture sells: what the same step says."""
    for step in reversed(recipe.steps):
        if step.operation.marketplace(step.params) is not None:
            return cast(Sold, getattr(step.params, "sold", "one"))
    return "one"


def file_word(recipe: Recipe) -> str:
    """What the name of a result's file says was done: the last step's word."""
    last = recipe.steps[-1]
    return last.operation.file_word(last.params).replace("_", "-")


def source_type(recipe: Recipe) -> str | None:
    """The IPTC digital source type that the recipe's last step with one gives its result."""
    given = (step.operation.source_type(step.engine) for step in reversed(recipe.steps))
    return next((one for one in given if one is not None), None)


@dataclass(frozen=True)
class Leg:
    """A part of a recipe that runs in one go: steps on this machine, or one step of a provider. `first` is the index of
    its first step in the recipe."""

    first: int
    steps: tuple[Step, ...]
    by_provider: bool


def legs(recipe: Recipe) -> tuple[Leg, ...]:
    """The recipe in its parts, in order: consecutive steps on this machine together, a provider's each alone.

    The last is always one on this machine, without steps if the recipe ends with a provider's: it makes the file.
    """
    found: list[Leg] = []
    first = 0
    for index, step in enumerate(recipe.steps):
        if step.by_provider:
            if first < index:
                found.append(Leg(first, recipe.steps[first:index], by_provider=False))
            found.append(Leg(index, (step,), by_provider=True))
            first = index + 1
    return (*found, Leg(first, recipe.steps[first:], by_provider=False))


def needs_provider(recipe: Recipe) -> bool:
    """Whether any step is a provider's."""
    return any(step.by_provider for step in recipe.steps)


def asks_provider(stored: object) -> bool:
    """The same of a recipe as stored, which need not be valid any more."""
    steps = stored.get("steps", ()) if isinstance(stored, Mapping) else ()
    known = [(registry.find(step["op"]), step.get("params") or {}) for step in steps]
    return any(chosen_engine(one, params.get("engine")) == "ai" for one, params in known if one is not None)


def leaves_transparency(steps: tuple[Step, ...]) -> bool:
    """Whether the result of an opaque photo may have transparent parts."""
    transparent = False
    for step in steps:
        changed = step.operation.transparency(step.params)
        transparent = transparent if changed is None else changed
    return transparent


def _parse_steps(given: object, errors: list[tuple[str, str]]) -> tuple[Step, ...]:
    if not isinstance(given, list | tuple) or not 1 <= len(given) <= MAX_STEPS:
        errors.append(("steps", f"Give between 1 and {MAX_STEPS} steps."))
        return ()
    steps = []
    for index, raw in enumerate(given):
        step = _parse_step(raw, f"steps[{index}]", errors)
        if step is not None and index > 0 and step.operation.first_only:
            title = step.operation.title
            errors.append((f"steps[{index}].op", f"'{title}' needs the photo as it was taken: make it the first step."))
        if step is not None:
            steps.append(step)
    return tuple(steps)


def _parse_step(raw: object, path: str, errors: list[tuple[str, str]]) -> Step | None:
    if isinstance(raw, Step):
        return raw
    if not isinstance(raw, Mapping):
        errors.append((path, "A step is an object with `op` and `params`."))
        return None
    unknown = [
        (f"{path}.{key}", "Unknown field. A step has `op` and `params`.") for key in raw.keys() - {"op", "params"}
    ]
    errors.extend(unknown)
    op = raw.get("op")
    operation = registry.find(op)
    if operation is None:
        names = ", ".join(one.id for one in registry.operations())
        errors.append((f"{path}.op", f"Unknown operation. Choose one of: {names}."))
        return None
    params = raw.get("params")
    if params is not None and not isinstance(params, Mapping):
        errors.append((f"{path}.params", "Parameters are an object."))
        return None
    try:
        parsed = operation.params.model_validate({} if params is None else dict(params))
    except ValidationError as error:
        errors.extend(_fields(error, f"{path}.params"))
        return None
    return Step(op=operation.id, params=operation.completed(parsed))


def _parse_output(given: object, steps: tuple[Step, ...], errors: list[tuple[str, str]]) -> Output | None:
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        errors.append(("output", "Output is an object with `format` and `quality`."))
        return None
    completed = {key: value for key, value in given.items() if not (key == "format" and value is None)}
    completed.setdefault("format", "png" if leaves_transparency(steps) else "jpeg")
    try:
        return Output.model_validate(completed)
    except ValidationError as error:
        errors.extend(_fields(error, "output"))
        return None


def _fields(error: ValidationError, prefix: str) -> list[tuple[str, str]]:
    found = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path = prefix + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in item["loc"])
        found.append((path, _plain(item["msg"])))
    return found


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ").replace("Input should be", "Should be")
    message = message.replace("Extra inputs are not permitted", "Unknown parameter")
    return message if message.endswith(".") else f"{message}."


def _invalid(problems: list[tuple[str, str]]) -> InvalidRecipe:
    errors = tuple(FieldError(field=field, message=message) for field, message in problems)
    first = (
        f"{problems[0][0]}: {problems[0][1]}" if problems and problems[0][0] else (problems[0][1] if problems else "")
    )
    return InvalidRecipe(f"This recipe cannot run as it is. {first}".strip(), errors=errors)


class BuiltInRecipe(BaseModel):
    """A recipe everyone has, with the words shown on its card."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    summary: str
    recipe: Recipe


def _built_in(id: str, title: str, summary: str, *steps: Mapping[str, Any]) -> BuiltInRecipe:
    return BuiltInRecipe(id=id, title=title, summary=summary, recipe=parse_recipe({"steps": list(steps)}))


def _built_ins() -> dict[str, BuiltInRecipe]:
    recipes = [
        _built_in(preset.id, preset.title, preset.summary, {"op": "background", "params": {"preset": preset.id}})
        for preset in PRESETS.values()
    ]
    recipes.append(
        _built_in("cut-out", "Cut-out", "The product alone, on a transparent background.", {"op": "remove_background"})
    )
    recipes.append(_built_in("enhance", "Enhance", "Better light, colour and sharpness.", {"op": "enhance"}))
    return {recipe.id: recipe for recipe in recipes}


BUILT_IN_RECIPES: Mapping[str, BuiltInRecipe] = cast(Mapping[str, BuiltInRecipe], _built_ins())
