"""Prices: what a recipe costs, what is included, what staff changed."""

import pytest

import db
from db.models.credits import OperationPrice
from services.studio.pricing import current_prices, default_prices, quote
from services.studio.recipes import Recipe, parse_recipe


def recipe(*ops: str) -> Recipe:
    needed = {"crop": {"ratio": "1:1"}, "resize": {"width": 10}, "two_shots": {"on_black": "ast_2"}}
    return parse_recipe({"steps": [{"op": op, "params": needed.get(op, {})} for op in ops]})


@pytest.mark.parametrize(
    ("ops", "credits"),
    [
        (("remove_background",), 1),
        (("background",), 1),
        (("remove_background", "background"), 1),
        (("background", "remove_background"), 1),
        (("remove_background", "crop", "background", "shadow"), 1),
        (("remove_background", "background", "remove_background"), 2),
        (("remove_background", "background", "remove_background", "background"), 2),
        (("enhance", "upscale", "background"), 3),
        (("enhance", "enhance"), 2),
        (("two_shots",), 2),
        (("two_shots", "remove_background"), 2),
        (("two_shots", "background"), 3),
        (("crop", "rotate", "resize", "adjust", "shadow"), 0),
    ],
)
def test_a_recipe_costs_the_sum_less_what_is_included(ops: tuple[str, ...], credits: int) -> None:
    quoted = quote(recipe(*ops), default_prices())
    assert quoted.credits_each == credits
    assert sum(line.credits for line in quoted.lines) == credits
    assert [line.op for line in quoted.lines] == list(ops)


def test_many_pictures_cost_as_many_times() -> None:
    quoted = quote(recipe("enhance", "background"), default_prices(), count=7)
    assert (quoted.credits_each, quoted.credits_total) == (2, 14)


def test_an_included_step_says_what_it_is_included_in_and_which_engine_runs() -> None:
    line = quote(recipe("remove_background", "background"), default_prices()).lines[0]
    assert line.note == "Included in Background"
    assert line.engine == "on_device"
    assert (
        quote(recipe("two_shots", "remove_background")).lines[1].note == "Included in Glass, mesh and lace: two photos"
    )


@pytest.mark.usefixtures("vitrine")
def test_a_price_that_staff_set_replaces_the_catalogue_price() -> None:
    with db.transaction() as session:
        session.add(OperationPrice(operation="enhance", credits=3))
    with db.transaction() as session:
        prices = current_prices(session)
    assert prices == {**default_prices(), "enhance": 3}
    assert quote(recipe("enhance", "background"), prices).credits_each == 4
