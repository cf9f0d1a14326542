"""Recipes and their strokes."""

import math
from typing import Any

import numpy as np
import pytest

from services.studio import pipeline
from services.studio.pipeline import StepRefused
from services.studio.pricing import quote
from services.studio.recipes import InvalidRecipe, Recipe, parse_recipe
from services.studio.touching_up import (
    CannotTouchUp,
    can_touch_up,
    is_touched_up,
    steps_before_cut,
    strokes_in,
    touched_up,
    without_touch_up,
)

STROKE: dict[str, Any] = {
    "mode": "keep",
    "points": [[0.5, 0.25], [0.6, 0.3]],
    "width": 0.04,
    "softness": 0.2,
    "snap": True,
}


def recipe(*steps: str | dict[str, Any], **output: Any) -> Recipe:
    return parse_recipe(
        {"steps": [{"op": step} if isinstance(step, str) else step for step in steps], "output": output}
    )


AMAZON = {"op": "background", "params": {"preset": "amazon_main"}}


@pytest.mark.parametrize(
    ("steps", "operations"),
    [
        (("remove_background",), ["remove_background", "touch_up"]),
        ((AMAZON,), ["remove_background", "touch_up", "background"]),
        (("enhance", AMAZON), ["enhance", "remove_background", "touch_up", "background"]),
        (("remove_background", "shadow"), ["remove_background", "touch_up", "shadow"]),
    ],
)
def test_strokes_go_in_where_the_product_is_cut_out_and_come_out_again(
    steps: tuple[Any, ...], operations: list[str]
) -> None:
    plain = recipe(*steps)

    with_strokes = touched_up(plain, [STROKE])

    assert [step.op for step in with_strokes.steps] == operations
    assert strokes_in(with_strokes) == [STROKE]
    assert is_touched_up(with_strokes.canonical())
    assert without_touch_up(with_strokes.canonical()) == without_touch_up(plain.canonical())
    assert quote(with_strokes).credits_each == quote(plain).credits_each
    assert steps_before_cut(with_strokes) == steps_before_cut(plain)


def test_new_strokes_take_the_place_of_those_before() -> None:
    other = {**STROKE, "mode": "erase"}
    twice = touched_up(touched_up(recipe(AMAZON), [STROKE]), [STROKE, other])
    assert [step.op for step in twice.steps] == ["remove_background", "touch_up", "background"]
    assert strokes_in(twice) == [STROKE, other]


@pytest.mark.parametrize(
    "steps",
    [
        ("enhance",),
        ("restyle",),
        ("remove_background", "restyle"),
        ({"op": "rotate", "params": {"angle": 5, "corners": "transparent"}}, AMAZON),
    ],
)
def test_a_recipe_without_a_cut_out_of_its_own_takes_no_strokes(steps: tuple[Any, ...]) -> None:
    assert not can_touch_up(recipe(*steps))
    with pytest.raises(CannotTouchUp):
        touched_up(recipe(*steps), [STROKE])


def test_recipes_that_differ_in_anything_else_stay_different_without_their_strokes() -> None:
    base = recipe(AMAZON)
    others = [
        recipe("remove_background"),
        recipe("enhance", AMAZON),
        recipe(AMAZON, format="png"),
        recipe(AMAZON, "shadow"),
    ]
    plain = without_touch_up(touched_up(base, [STROKE]).canonical())
    assert all(without_touch_up(touched_up(other, [STROKE]).canonical()) != plain for other in others)


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        "strokes",
        [{**STROKE, "mode": "paint"}],
        [{**STROKE, "points": []}],
        [{**STROKE, "points": [[0.5]]}],
        [{**STROKE, "points": [[0.5, math.nan]]}],
        [{**STROKE, "points": [[0.5, math.inf]]}],
        [{**STROKE, "points": [[0.5, 1.01]]}],
        [{**STROKE, "points": [[0.5, 0.5]] * 401}],
        [{**STROKE, "width": math.nan}],
        [{**STROKE, "width": 0.5}],
        [{**STROKE, "width": 0}],
        [{**STROKE, "softness": -1}],
        [{**STROKE, "colour": "red"}],
        [STROKE] * 61,
        [{**STROKE, "points": [[0.5, 0.5]] * 400}] * 8,
    ],
)
def test_strokes_beyond_the_limits_are_refused_with_the_field_that_is_wrong(strokes: object) -> None:
    with pytest.raises(InvalidRecipe) as refused:
        touched_up(recipe("remove_background"), strokes)
    assert all(error.field.startswith("steps[1].params") for error in refused.value.errors)


def drawing(side: int = 200) -> np.ndarray:
    """A red square with a handle of the ground's own colour, as RGBA."""
    pixels = np.full((side, side, 4), 255, np.uint8)
    pixels[..., :3] = (228, 229, 231)
    pixels[60:140, 60:140, :3] = (176, 34, 40)
    return pixels


def test_strokes_change_the_cut_out_and_the_person_stands_for_it() -> None:
    stroke = {"mode": "keep", "points": [[0.8, 0.5], [0.9, 0.5]], "width": 0.05, "snap": False}
    plain = pipeline.run(drawing(), recipe("remove_background"), cutout_model=None)
    corrected = pipeline.run(drawing(), touched_up(recipe("remove_background"), [stroke]), cutout_model=None)

    assert plain.pixels[100, 170, 3] == 0
    assert tuple(corrected.pixels[100, 170]) == (228, 229, 231, 255)
    assert (corrected.confidence, corrected.doubts) == (1.0, ())
    assert plain.matte is not None
    assert corrected.matte is not None
    assert (plain.matte == corrected.matte).all(), "the matte is that of before the strokes"


def test_strokes_hold_on_the_way_to_a_background() -> None:
    down_the_left = [[0.35, 0.25], [0.35, 0.75]]
    erase_all_but_the_right = {"mode": "erase", "points": down_the_left, "width": 0.3, "snap": False}
    made = pipeline.run(drawing(), touched_up(recipe(AMAZON), [erase_all_but_the_right]), cutout_model=None)
    plain = pipeline.run(drawing(), recipe(AMAZON), cutout_model=None)
    assert made.subject_box is not None
    assert plain.subject_box is not None
    narrow, square = ((box[2] - box[0]) / (box[3] - box[1]) for box in (made.subject_box, plain.subject_box))
    assert narrow < 0.8 * square


def test_erasing_everything_is_refused_and_so_is_a_touch_up_of_nothing() -> None:
    everything = [
        {"mode": "erase", "points": [[0.0, y], [1.0, y]], "width": 0.3, "snap": False} for y in (0.2, 0.5, 0.8)
    ]
    with pytest.raises(StepRefused) as refused:
        pipeline.run(drawing(), touched_up(recipe("remove_background"), everything), cutout_model=None)
    assert refused.value.code == "no_product"
    with pytest.raises(StepRefused, match="needs a cut-out"):
        pipeline.run(drawing(), recipe({"op": "touch_up", "params": {"strokes": [STROKE]}}), cutout_model=None)
