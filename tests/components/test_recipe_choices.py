"""The form and its recipes: what a card makes, and finding a card again from a recipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from components.recipes.choices import (
    BACKGROUND,
    CUT_OUT,
    EDIT,
    FRAMES,
    LONGEST,
    RATIOS,
    TURNS,
    TWO_SHOTS,
    UPSCALES,
    build_recipe,
    formats_of,
    read_recipe,
    shadows_of,
    sold_of,
)
from components.recipes.variation import fixed
from services.studio.marketplaces import PRESETS
from services.studio.operations import registry
from services.studio.operations.contract import Operation, Params, form
from services.studio.pricing import quote
from services.studio.recipes import parse_recipe

colors = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
options = st.fixed_dictionaries(
    {
        "format": st.sampled_from(["auto", "jpeg", "png", "webp", "avif"]),
        "sold": st.sampled_from(["one", "set"]),
        "enhance_first": st.booleans(),
        "shadow": st.sampled_from(["none", "contact", "reflection"]),
        "params": st.fixed_dictionaries(
            {"strength": st.integers(2, 20).map(lambda n: n / 20), "denoise": st.booleans()}
        ),
        "backdrop": st.sampled_from(["Colour", "Gradient"]),
        "color": colors,
        "color_to": colors,
        "frame": st.sampled_from(list(FRAMES)),
        "fill": st.integers(8, 20).map(lambda n: n * 5),
        "ratio": st.sampled_from(RATIOS),
        "turn": st.sampled_from(list(TURNS)),
        "tilt": st.integers(-30, 30).map(lambda n: n / 2),
        "brightness": st.integers(-20, 20).map(lambda n: n * 5),
        "contrast": st.integers(-20, 20).map(lambda n: n * 5),
        "saturation": st.integers(-20, 20).map(lambda n: n * 5),
        "upscale": st.sampled_from(list(UPSCALES)),
        "longest": st.sampled_from(list(LONGEST)),
    }
)


@given(choice=st.sampled_from([*PRESETS, CUT_OUT, "enhance", BACKGROUND, EDIT]), chosen=options)
def test_every_recipe_the_form_makes_is_found_again_on_its_card(choice: str, chosen: dict[str, object]) -> None:
    offered = {"format": formats_of(choice), "shadow": shadows_of(choice), "sold": sold_of(choice)}
    chosen = {**chosen, **{name: values[0] for name, values in offered.items() if chosen[name] not in values}}
    recipe = build_recipe(choice, chosen)
    if recipe is None:
        assert choice == EDIT
        return

    found = read_recipe(recipe.canonical())

    assert found is not None
    assert found.choice == choice
    assert build_recipe(found.choice, found.options) == recipe


@pytest.mark.parametrize("onto", ["Keep", *PRESETS])
def test_two_photos_and_what_they_are_put_on_are_found_again_on_their_card(onto: str) -> None:
    chosen = {"params": {"on_black": "ast_2"}, "onto": onto}
    recipe = build_recipe(TWO_SHOTS, chosen)
    assert recipe is not None

    found = read_recipe(recipe.canonical())

    assert found is not None
    assert (found.choice, found.options) == (TWO_SHOTS, {**chosen, "format": "auto"})
    assert quote(recipe).credits_each == (2 if onto == "Keep" else 3)


def test_steps_after_two_photos_that_their_card_cannot_show_are_not_lost_on_it() -> None:
    two = {"op": "two_shots", "params": {"on_black": "ast_2"}}
    assert read_recipe({"steps": [two, {"op": "background", "params": {"color": "#ff0000"}}]}) is None
    assert read_recipe({"steps": [two, {"op": "enhance"}]}) is None


def test_an_edit_that_changes_nothing_makes_no_recipe() -> None:
    assert build_recipe(EDIT, {}) is None


@pytest.mark.parametrize("preset", PRESETS)
def test_a_marketplace_card_costs_one_credit_and_two_with_enhancing(preset: str) -> None:
    plain, enhanced = build_recipe(preset, {}), build_recipe(preset, {"enhance_first": True})

    assert plain is not None
    assert enhanced is not None
    assert (quote(plain).credits_each, quote(enhanced).credits_each) == (1, 2)


def test_a_recipe_no_card_can_say_is_not_forced_onto_one() -> None:
    assert read_recipe({"steps": [{"op": "shadow", "params": {"kind": "contact"}}]}) is None


def test_a_recipe_that_no_slider_reaches_is_not_forced_onto_a_card() -> None:
    assert read_recipe({"steps": [{"op": "rotate", "params": {"angle": 15}}]}) is not None
    assert read_recipe({"steps": [{"op": "rotate", "params": {"angle": 45}}]}) is None
    assert read_recipe({"steps": [{"op": "crop", "params": {"ratio": "2:3"}}]}) is None


def test_a_recipe_whose_file_no_card_offers_is_not_forced_onto_one() -> None:
    cut_out = {"steps": [{"op": "remove_background"}]}
    assert read_recipe({**cut_out, "output": {"format": "webp"}}) is not None
    assert read_recipe({**cut_out, "output": {"format": "jpeg"}}) is None


def test_a_parameter_that_no_form_shows_is_not_lost_on_a_card() -> None:
    class HiddenParams(Params):
        level: int = Field(1, json_schema_extra=form(hidden=True))

    class Hidden(Operation[HiddenParams]):
        id, title, summary, stage, credits = "hidden", "Hidden", "Hides a level.", "Hiding", 1
        params = HiddenParams

    registry.register(Hidden())
    try:
        assert read_recipe({"steps": [{"op": "hidden"}]}) is not None
        assert read_recipe({"steps": [{"op": "hidden", "params": {"level": 2}}]}) is None
    finally:
        registry.reset(())


@pytest.mark.parametrize("preset", PRESETS)
def test_a_marketplaces_card_offers_only_what_the_marketplace_takes(preset: str) -> None:
    assert set(formats_of(preset)) - {"auto"} <= set(PRESETS[preset].formats)
    assert set(shadows_of(preset)) == set(PRESETS[preset].shadows)


def test_amazons_card_offers_neither_webp_nor_a_reflection() -> None:
    assert formats_of("amazon_main") == ["auto", "jpeg", "png"]
    assert shadows_of("amazon_main") == ["none", "contact"]


@pytest.mark.parametrize("forbidden", [{"shadow": "reflection"}, {}])
def test_a_recipe_with_what_a_marketplace_forbids_is_shown_on_no_card(forbidden: dict[str, str]) -> None:
    output = {} if forbidden else {"format": "webp"}
    steps = [{"op": "background", "params": {"preset": "amazon_main", **forbidden}}]
    assert read_recipe({"steps": steps, "output": output}) is None


def test_a_fix_replaces_the_step_of_its_operation_and_keeps_the_others() -> None:
    recipe = parse_recipe({"steps": [{"op": "enhance"}, {"op": "background", "params": {"color": "#ff0000"}}]})
    fix = {"op": "background", "params": {"preset": "amazon_main", "color": "#ffffff"}}

    changed = parse_recipe(fixed(recipe.canonical(), fix))

    assert [step.op for step in changed.steps] == ["enhance", "background"]
    assert changed.canonical()["steps"][1]["params"]["preset"] == "amazon_main"


def test_a_fix_of_the_file_format_leaves_the_steps_alone() -> None:
    recipe = parse_recipe({"steps": [{"op": "enhance"}], "output": {"format": "webp"}})

    changed = parse_recipe(fixed(recipe.canonical(), {"output": {"format": "jpeg"}}))

    assert changed.output.format == "jpeg"
    assert changed.steps == recipe.steps


def test_a_fix_is_a_recipe_of_its_own_where_there_was_none() -> None:
    changed = fixed({"steps": []}, {"op": "background", "params": {"preset": "ebay"}})

    assert parse_recipe(changed).canonical()["steps"][0]["params"]["preset"] == "ebay"
