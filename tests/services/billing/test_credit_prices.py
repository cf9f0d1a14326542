"""What credits cost."""

import itertools
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing import pricing
from services.errors import Invalid


@pytest.mark.parametrize(
    ("credits", "discount", "unit", "total"),
    [
        (300, "0.00", 10, 3_000),
        (2_099, "0.00", 10, 20_990),
        (2_100, "10.00", 9, 18_900),
        (2_101, "10.00", 9, 18_909),
        (5_000, "10.91", 9, 44_546),
        (26_050, "17.50", 8, 214_913),  # 214 912.5 cents: half up
        (50_000, "25.00", 8, 375_000),
    ],
)
def test_known_amounts_have_known_prices(credits: int, discount: str, unit: int, total: int) -> None:
    price = pricing.calculate(credits)
    assert (price.credits, price.discount_percent, price.unit_price, price.total) == (
        credits,
        Decimal(discount),
        unit,
        total,
    )


@pytest.mark.parametrize("credits", [-1, 0, 299, 50_001, 10**30])
def test_amounts_that_are_not_sold_are_refused_in_plain_words(credits: int) -> None:
    with pytest.raises(Invalid) as refused:
        pricing.calculate(credits)
    assert refused.value.message == "Choose between 300 and 50 000 credits."
    assert refused.value.errors[0].field == "credits"


@given(st.integers(pricing.MIN_CREDITS, pricing.MAX_CREDITS))
def test_every_total_is_within_half_a_cent_of_the_exact_price(credits: int) -> None:
    off = Fraction(0) if credits < 2100 else Fraction(10) + Fraction(15 * (credits - 2100), 47_900)
    exact = Fraction(credits * 10) * (1 - off / 100)
    assert Fraction(-1, 2) < pricing.calculate(credits).total - exact <= Fraction(1, 2)


def test_more_credits_never_cost_less_on_either_side_of_the_first_discount() -> None:
    for amounts in (range(300, 2_100), range(2_100, 50_001)):
        totals = [pricing.calculate(credits).total for credits in amounts]
        assert all(later > sooner for sooner, later in itertools.pairwise(totals))


def test_packs_and_the_plan_cost_what_was_announced() -> None:
    assert {offer.id: (offer.price.credits, offer.price.total) for offer in (*pricing.PACKS, *pricing.PLANS)} == {
        "pack_50": (50, 499),
        "pack_200": (200, 1499),
        "pack_500": (500, 2999),
        "plan_2100": (2100, 18_900),
    }
    assert pricing.PLANS[0].price.discount_percent == 10
