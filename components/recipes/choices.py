"""From what a person chose on the form to a recipe, and back again. No Streamlit here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.kit.params_fields import params_fields
from services.studio import engines
from services.studio.marketplaces import PRESETS, SOLD
from services.studio.operations import registry
from services.studio.operations.contract import Operation
from services.studio.recipes import Recipe, parse_recipe

CUT_OUT, BACKGROUND, EDIT, AS_BEFORE = "cut-out", "background", "edit", "as-before"
TWO_SHOTS = "two_shots"
Options = Mapping[str, Any]

DEFAULTS: dict[str, Any] = {
    "format": "auto",
    "sold": "one",
    "onto": "Keep",
    "enhance_first": False,
    "shadow": "none",
    "backdrop": "Colour",
    "color": "#f1efea",
    "color_to": "#cfd6dc",
    "frame": "Keep",
    "fill": 80,
    "ratio": "Keep",
    "turn": "Keep",
    "tilt": 0.0,
    "brightness": 0,
    "contrast": 0,
    "saturation": 0,
    "upscale": "Keep",
    "longest": "Keep",
}
"""Every option of the form with the value it starts at. "Keep" leaves the picture as it is."""

FRAMES = {"Keep": None, "1000 × 1000": 1000, "1600 × 1600": 1600, "2000 × 2000": 2000}
RATIOS = ("Keep", "1:1", "4:5", "3:4", "4:3", "16:9")
TURNS = {"Keep": 0, "90° right": 90, "180°": 180, "90° left": 270}
UPSCALES = {"Keep": None, "2×": 2.0, "3×": 3.0, "4×": 4.0}
LONGEST = {"Keep": None, "1000 px": 1000, "1600 px": 1600, "2000 px": 2000, "3000 px": 3000}

FORMATS = {"auto": "Best choice", "jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF"}
SHADOWS = {"none": "None", "contact": "Soft shadow", "reflection": "Reflection"}

RANGES = {"fill": (40, 100), "tilt": (-15.0, 15.0)}
"""What the sliders of the form reach: percent and degrees. A recipe may go further."""


@dataclass(frozen=True)
class Chosen:
    """A card and the options that differ from how the form starts."""

    choice: str
    options: dict[str, Any]


def operation_cards() -> tuple[Operation[Any], ...]:
    """The operations that have a card by themselves and can run now."""
    return tuple(one for one in registry.operations() if one.own_card and engines.able(one))


def operation_of(choice: str) -> Operation[Any] | None:
    """The operation whose card was chosen; None for a card that stands for something else."""
    found = registry.find(choice)
    return found if found is not None and found.own_card else None


def starting_options(choice: str) -> dict[str, Any]:
    """The options a card starts with: a marketplace brings its own shadow."""
    own = {"shadow": PRESETS[choice].shadow} if choice in PRESETS else {}
    return {**DEFAULTS, **own}


def formats_of(choice: str) -> list[str]:
    """The file formats that a card offers: those its marketplace takes; a JPEG has no transparent parts, so a cut-out
    is none."""
    if choice in PRESETS:
        return [format for format in FORMATS if format in ("auto", *PRESETS[choice].formats)]
    return [format for format in FORMATS if format != "jpeg" or choice not in (CUT_OUT, TWO_SHOTS)]


def goes_onto(choice: str) -> bool:
    """Whether a card of an operation can put what it cuts out on a marketplace's frame."""
    operation = operation_of(choice)
    return operation is not None and "remove_background" in operation.includes


def shadows_of(choice: str) -> list[str]:
    """What a card offers under the product: what its marketplace allows there."""
    return [shadow for shadow in SHADOWS if choice not in PRESETS or shadow in PRESETS[choice].shadows]


def sold_of(choice: str) -> list[str]:
    """What a card may be told is sold: a question only where the marketplace asks for one item."""
    return list(SOLD) if choice in PRESETS and PRESETS[choice].asks_for_one else ["one"]


def build_recipe(choice: str, options: Options) -> Recipe | None:
    """The recipe for a card and its options; None while an edit changes nothing. Raises InvalidRecipe."""
    values = {**starting_options(choice), **options}
    steps = _steps(choice, values)
    if not steps:
        return None
    by_itself = values["format"] == "auto" or values["onto"] != "Keep"
    output = {} if by_itself else {"format": values["format"]}
    return parse_recipe({"steps": steps, "output": output})


def read_recipe(recipe: object) -> Chosen | None:
    """The card and options that give `recipe`, so that a person can change them; None if no card can say it."""
    wanted = parse_recipe(recipe)
    for chosen in _guesses(wanted):
        for format in ("auto", wanted.output.format):
            options = {**chosen.options, "format": format}
            if _offered(chosen.choice, options) and build_recipe(chosen.choice, options) == wanted:
                return Chosen(chosen.choice, options)
    return None


def _offered(choice: str, options: Options) -> bool:
    values = {**starting_options(choice), **options}
    return (
        values["format"] in formats_of(choice)
        and values["shadow"] in shadows_of(choice)
        and values["sold"] in sold_of(choice)
    )


def _steps(choice: str, values: Options) -> list[dict[str, Any]]:
    if operation_of(choice) is not None:
        onto = [] if values["onto"] == "Keep" else [_step("background", preset=values["onto"])]
        return [_step(choice, **values.get("params", {})), *onto]
    first = [_step("enhance")] if values["enhance_first"] and choice != EDIT else []
    if choice == CUT_OUT:
        return [*first, _step("remove_background")]
    if choice == BACKGROUND:
        return [*first, _step("background", **_backdrop(values))]
    if choice == EDIT:
        return _edits(values)
    own_shadow = PRESETS[choice].shadow
    shadow = {} if values["shadow"] == own_shadow else {"shadow": values["shadow"]}
    sold = {} if values["sold"] == "one" else {"sold": values["sold"]}
    return [*first, _step("background", preset=choice, **shadow, **sold)]


def _backdrop(values: Options) -> dict[str, Any]:
    color: dict[str, Any] = {"color": values["color"]}
    if values["backdrop"] == "Gradient":
        color = {"gradient": {"from": values["color"], "to": values["color_to"], "angle": 180}}
    size = FRAMES[values["frame"]]
    frame = {"size": size, "fill": values["fill"] / 100} if size else {}
    return {**color, **frame, "shadow": values["shadow"]}


def _edits(values: Options) -> list[dict[str, Any]]:
    turn, tilt = TURNS[values["turn"]], values["tilt"]
    light = {name: values[name] for name in ("brightness", "contrast", "saturation") if values[name]}
    factor, longest = UPSCALES[values["upscale"]], LONGEST[values["longest"]]
    box = {"width": longest, "height": longest}
    wanted = (
        (turn, _step("rotate", angle=turn)),
        (tilt, _step("rotate", angle=tilt)),
        (values["ratio"] != "Keep", _step("crop", ratio=values["ratio"])),
        (light, _step("adjust", **light)),
        (factor, _step("upscale", factor=factor)),
        (longest, _step("resize", **box)),
    )
    return [step for needed, step in wanted if needed]


def _step(op: str, **params: Any) -> dict[str, Any]:
    return {"op": op, "params": params}


def _guesses(recipe: Recipe) -> list[Chosen]:
    """What the form might have been, read off the steps; the caller proves each by building it again."""
    own, *others = recipe.canonical()["steps"]
    operation = operation_of(own["op"])
    if operation is not None and len(others) <= goes_onto(operation.id):
        shown = {field.name for field in params_fields(operation.params.model_json_schema())}
        params = {name: value for name, value in own["params"].items() if name in shown}
        preset = next((step["params"].get("preset") for step in others), None)
        return [Chosen(operation.id, {"params": params, "onto": preset or "Keep"})]
    found: dict[str, Any] = {}
    choice = EDIT
    for step in recipe.canonical()["steps"]:
        params = step["params"]
        match step["op"]:
            case "remove_background":
                choice = CUT_OUT
            case "enhance":
                found["enhance_first"] = True
            case "background":
                choice = params["preset"] or BACKGROUND
                found |= _read_backdrop(params)
            case "rotate":
                turn = next((name for name, angle in TURNS.items() if angle == params["angle"] and angle), None)
                found |= {"turn": turn} if turn else {"tilt": params["angle"]}
            case "crop":
                found["ratio"] = params["ratio"]
            case "adjust":
                found |= {name: round(value) for name, value in params.items()}
            case "upscale":
                found["upscale"] = _name_of(UPSCALES, params["factor"])
            case "resize":
                found["longest"] = _name_of(LONGEST, params["width"])
    known = {name: value for name, value in found.items() if value is not None}
    if known.get("ratio", "Keep") not in RATIOS or any(
        not low <= known.get(name, low) <= high for name, (low, high) in RANGES.items()
    ):
        return []
    return [Chosen(choice, known)]


def _read_backdrop(params: Options) -> dict[str, Any]:
    gradient, size = params["gradient"], params["size"]
    return {
        "shadow": params["shadow"],
        "sold": params["sold"],
        "backdrop": "Gradient" if gradient else "Colour",
        "color": gradient["from"] if gradient else params["color"],
        "color_to": gradient["to"] if gradient else None,
        "frame": _name_of(FRAMES, size["width"]) if size else None,
        "fill": round(params["fill"] * 100) if params["fill"] else None,
    }


def _name_of(table: Mapping[str, Any], value: Any) -> str | None:
    return next((name for name, each in table.items() if each == value), None)
