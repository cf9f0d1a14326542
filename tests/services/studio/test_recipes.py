"""Recipes: what is accepted, what is refused and where, what the canonical form says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.studio.marketplaces import PRESETS
from services.studio.operations import registry
from services.studio.operations.background import BackgroundParams
from services.studio.recipes import (
    BUILT_IN_RECIPES,
    InvalidRecipe,
    asset_references,
    parse_recipe,
    worked_on,
)


def fields_of(data: object) -> list[str]:
    with pytest.raises(InvalidRecipe) as caught:
        parse_recipe(data)
    assert caught.value.status == 422
    assert caught.value.code == "validation"
    return [error.field for error in caught.value.errors]


def test_defaults_are_filled_in_and_the_canonical_form_reads_back_the_same() -> None:
    recipe = parse_recipe({"steps": [{"op": "enhance"}, {"op": "background", "params": {"color": "#AABBCC"}}]})
    canonical = recipe.canonical()
    assert canonical["steps"][0]["params"]["strength"] == 0.7
    assert canonical["steps"][1]["params"]["color"] == "#aabbcc"
    assert canonical["output"] == {"format": "jpeg", "quality": 92}
    assert parse_recipe(canonical) == recipe
    assert parse_recipe(canonical).canonical() == canonical


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([{"op": "remove_background"}], "png"),
        ([{"op": "remove_background"}, {"op": "shadow"}], "png"),
        ([{"op": "remove_background"}, {"op": "background"}], "jpeg"),
        ([{"op": "background", "params": {"preset": "amazon_main"}}], "jpeg"),
        ([{"op": "rotate", "params": {"angle": 3, "corners": "transparent"}}], "png"),
        ([{"op": "rotate", "params": {"angle": 90, "corners": "transparent"}}], "jpeg"),
        ([{"op": "enhance"}], "jpeg"),
    ],
)
def test_the_output_is_png_only_where_something_may_be_transparent(steps: list[Any], expected: str) -> None:
    assert parse_recipe({"steps": steps}).output.format == expected


def test_every_fault_is_reported_with_its_path() -> None:
    faults = fields_of(
        {
            "steps": [
                {"op": "vanish"},
                {"op": "background", "params": {"preset": "tiktok", "colour": "#fff"}},
                {"op": "upscale", "params": {"factor": 9}},
                {"op": "enhance", "extra": 1},
            ],
            "output": {"format": "gif", "quality": 0},
            "name": "x",
        }
    )
    assert set(faults) == {
        "name",
        "steps[0].op",
        "steps[1].params.preset",
        "steps[1].params.colour",
        "steps[2].params.factor",
        "steps[3].extra",
        "output.format",
        "output.quality",
    }


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, "recipe"),
        ([], "recipe"),
        ({}, "steps"),
        ({"steps": []}, "steps"),
        ({"steps": [{"op": "enhance"}] * 21}, "steps"),
        ({"steps": "enhance"}, "steps"),
        ({"steps": ["enhance"]}, "steps[0]"),
        ({"steps": [{"op": ["enhance"]}]}, "steps[0].op"),
        ({"steps": [{"op": "enhance", "params": [1]}]}, "steps[0].params"),
        ({"steps": [{"op": "crop"}]}, "steps[0].params"),
        ({"steps": [{"op": "crop", "params": {"x": 0.5, "width": 0.6}}]}, "steps[0].params"),
        ({"steps": [{"op": "crop", "params": {"ratio": "0:5"}}]}, "steps[0].params.ratio"),
        ({"steps": [{"op": "resize"}]}, "steps[0].params"),
        ({"steps": [{"op": "resize", "params": {"width": 10, "fit": "cover"}}]}, "steps[0].params"),
        ({"steps": [{"op": "resize", "params": {"width": 10_001}}]}, "steps[0].params.width"),
        ({"steps": [{"op": "adjust", "params": {"brightness": float("nan")}}]}, "steps[0].params.brightness"),
        ({"steps": [{"op": "background", "params": {"color": "red"}}]}, "steps[0].params.color"),
        ({"steps": [{"op": "background", "params": {"color": "#ffffff", "image_asset_id": "a"}}]}, "steps[0].params"),
        ({"steps": [{"op": "background", "params": {"fill": 0.5, "margin": 0.1}}]}, "steps[0].params"),
        ({"steps": [{"op": "background", "params": {"gradient": {"from": "#000000"}}}]}, "steps[0].params.gradient.to"),
        ({"steps": [{"op": "background", "params": {"size": True}}]}, "steps[0].params.size"),
        ({"steps": [{"op": "remove_background", "params": {"engine": "magic"}}]}, "steps[0].params.engine"),
        ({"steps": [{"op": "enhance"}], "output": "jpeg"}, "output"),
    ],
)
def test_a_faulty_recipe_is_refused_at_the_right_place(data: object, field: str) -> None:
    assert field in fields_of(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
steps = st.fixed_dictionaries(
    {"op": st.sampled_from([*(one.id for one in registry.operations()), "other"])},
    optional={"params": st.dictionaries(st.sampled_from(["preset", "size", "x", "factor", "ratio"]), json_values)},
)


@given(st.fixed_dictionaries({"steps": st.lists(steps | json_values, max_size=3)}, optional={"output": json_values}))
def test_any_json_is_either_understood_or_refused_with_reasons(data: dict[str, Any]) -> None:
    try:
        recipe = parse_recipe(data)
    except InvalidRecipe as error:
        assert error.errors
    else:
        assert parse_recipe(recipe.canonical()) == recipe


@pytest.mark.parametrize("size", [1200, "1200", "1200x1200", {"width": 1200, "height": 1200}])
def test_a_size_can_be_one_number_a_text_or_two_numbers(size: object) -> None:
    params = parse_recipe({"steps": [{"op": "background", "params": {"size": size}}]}).steps[0].params
    assert isinstance(params, BackgroundParams)
    assert params.size is not None
    assert (params.size.width, params.size.height) == (1200, 1200)


def test_a_preset_brings_its_own_shadow_unless_another_is_asked_for() -> None:
    def shadow(params: dict[str, Any]) -> str:
        parsed = parse_recipe({"steps": [{"op": "background", "params": params}]}).steps[0].params
        assert isinstance(parsed, BackgroundParams)
        return parsed.shadow

    assert shadow({"preset": "etsy"}) == "contact"
    assert shadow({"preset": "etsy", "shadow": "none"}) == "none"
    assert shadow({"preset": "amazon_main"}) == "none"


def test_pictures_a_recipe_refers_to_are_listed_once_each_in_order() -> None:
    backgrounds = [{"op": "background", "params": {"image_asset_id": name}} for name in ("ast_b", "ast_a", "ast_b")]
    assert asset_references(parse_recipe({"steps": [{"op": "enhance"}, *backgrounds]})) == ["ast_b", "ast_a"]


def test_of_chosen_pictures_those_are_worked_on_that_the_recipe_does_not_name() -> None:
    two = parse_recipe({"steps": [{"op": "two_shots", "params": {"on_black": "ast_b"}}]})
    assert worked_on(two, ["ast_a", "ast_b"]) == ("ast_a",)
    assert worked_on(two, ["ast_b"]) == ("ast_b",), "nothing else is left to work on"
    behind = parse_recipe({"steps": [{"op": "background", "params": {"image_asset_id": "ast_b"}}]})
    assert worked_on(behind, ["ast_a", "ast_b", "ast_c"]) == ("ast_a", "ast_c")
    assert worked_on(behind, ["ast_b"]) == ()


def test_an_operation_that_needs_the_photo_as_it_was_taken_comes_first() -> None:
    two = {"op": "two_shots", "params": {"on_black": "ast_b"}}
    assert [step.op for step in parse_recipe({"steps": [two, {"op": "enhance"}]}).steps] == ["two_shots", "enhance"]
    for steps in ([{"op": "enhance"}, two], [two, two]):
        with pytest.raises(InvalidRecipe, match="first step"):
            parse_recipe({"steps": steps})


def test_there_is_a_built_in_recipe_for_every_preset_and_each_can_be_stored() -> None:
    assert set(PRESETS) | {"cut-out", "enhance"} == set(BUILT_IN_RECIPES)
    for built_in in BUILT_IN_RECIPES.values():
        assert built_in.title
        assert parse_recipe(built_in.recipe.canonical()) == built_in.recipe
