"""The rules on drawn listing pictures and on real photographs: what breaks a rule is named, nothing else accused."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.studio import marketplaces
from tests.support.listing_corpus import Listing, breaking, keeping

WHOLE = pytest.param(range(40), marks=pytest.mark.soak, id="all forty")
OTHERS = pytest.param(range(40, 80), marks=pytest.mark.soak, id="forty others")

PLAIN = (
    "RedFlashlight", "RoofBinoculars", "loafers", "mug", "watch", "shop/cactus-pot", "shop/instant-camera-white",
    "shop/sneaker-low-key", "shop/twin-lens-camera",
)  # fmt: skip
"""Photographs of one whole, sharp product on a plain ground that is not pure white."""


def failed(listing: Listing) -> list[str]:
    found = marketplaces.check(listing.pixels, "image/jpeg", 500_000, listing.preset, sold=listing.sold)
    for result in found:
        if result.failed and result.rule in ("background", "cut_off", "sharp", "overlay", "one_item", "props"):
            assert result.places, "what is wrong is marked on the picture"
    return [result.rule for result in found if result.failed]


@pytest.mark.parametrize("numbers", [pytest.param((0, 3, 6, 9, 11), id="a few"), WHOLE, OTHERS])
def test_a_picture_that_breaks_one_rule_fails_that_rule_alone(numbers: Sequence[int]) -> None:
    drawn = [breaking(number) for number in numbers]
    assert {one.name: failed(one) for one in drawn} == {one.name: [one.breaks] for one in drawn}


@pytest.mark.parametrize("numbers", [pytest.param((4, 15, 23, 38), id="a few"), WHOLE, OTHERS])
def test_a_picture_that_breaks_no_rule_fails_none(numbers: Sequence[int]) -> None:
    drawn = [keeping(number) for number in numbers]
    assert {one.name: failed(one) for one in drawn} == {one.name: [] for one in drawn}


def _rules(file: Path, sold: marketplaces.Sold = "one") -> dict[str, bool | None]:
    pixels = np.asarray(Image.open(file).convert("RGB"), np.uint8)
    return {
        result.rule: result.passed
        for result in marketplaces.check(pixels, "image/jpeg", 500_000, "amazon_main", sold=sold)
    }


@pytest.mark.parametrize("name", ["mug", *(pytest.param(name, marks=pytest.mark.soak) for name in PLAIN)])
def test_a_photograph_of_one_whole_product_is_accused_of_its_background_alone(name: str, photos: Path) -> None:
    found = _rules(photos / f"{name}.jpg")
    assert found["background"] is False
    assert [rule for rule in ("cut_off", "sharp", "overlay", "one_item", "props") if found[rule] is False] == []


@pytest.mark.soak
def test_a_photograph_of_a_set_has_several_items_unless_it_is_sold_as_one(photos: Path) -> None:
    assert _rules(photos / "LensCleaningKit.jpg")["one_item"] is False
    assert _rules(photos / "LensCleaningKit.jpg", "set")["one_item"] is True


@pytest.mark.soak
def test_a_cord_that_leaves_the_photograph_is_cut_off(photos: Path) -> None:
    assert _rules(photos / "hairdryer.jpg")["cut_off"] is False
