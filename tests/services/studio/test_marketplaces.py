"""The marketplace rules, each seen to pass and to fail."""

from datetime import date
from random import Random
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from services.studio import marketplaces
from services.studio.marketplaces import PRESETS, Product, RuleResult
from services.studio.marketplaces.file_measures import MIB
from services.studio.recipes import parse_recipe
from tests.support.listing_pictures import finished, ground, product, put, scaled, words


def listing(
    width: int = 2000, height: int = 2000, fill: float = 0.85, ground: int = 255, channels: int = 3
) -> np.ndarray:
    pixels = np.full((height, width, channels), ground, np.uint8)
    half_width, half_height = round(width * fill / 2), round(height * fill / 4)
    pixels[
        height // 2 - half_height : height // 2 + half_height, width // 2 - half_width : width // 2 + half_width, :3
    ] = 60
    return pixels


def results(
    pixels: np.ndarray, preset: str, content_type: str = "image/jpeg", n_bytes: int = MIB, **known: Any
) -> dict[str, RuleResult]:
    """The rules that are in force, by id."""
    found = marketplaces.check(pixels, content_type, n_bytes, preset, **known)
    return {result.rule: result for result in found if not result.coming}


def test_there_are_the_seven_presets_and_every_rule_names_its_source() -> None:
    assert set(PRESETS) == {
        "amazon_main",
        "ebay",
        "etsy",
        "google_merchant",
        "shopify",
        "instagram_square",
        "instagram_portrait",
    }
    for preset in PRESETS.values():
        assert len({(rule.id, rule.in_force_from) for rule in preset.rules}) == len(preset.rules)
        for rule in preset.rules:
            assert rule.source.url.startswith("https://")
            assert rule.source.read_on <= date(2026, 11, 30)
            assert rule.title
            assert rule.fix


@pytest.mark.parametrize("preset", PRESETS)
def test_a_picture_made_to_the_preset_passes_every_rule(preset: str) -> None:
    width, height = PRESETS[preset].size
    assert [result.detail for result in results(listing(width, height), preset).values() if not result.passed] == []


@pytest.mark.parametrize(
    ("preset", "pixels", "rule"),
    [
        ("amazon_main", listing(ground=254), "background"),
        ("amazon_main", listing(fill=0.80), "fill"),
        ("amazon_main", listing(999, 999), "size"),
        ("google_merchant", listing(fill=0.95), "fill"),
        ("google_merchant", listing(fill=0.70), "fill"),
        ("google_merchant", listing(ground=240), "background"),
        ("google_merchant", listing(99, 99), "size"),
        ("ebay", listing(499, 499), "size"),
        ("ebay", listing(900, 900), "zoom"),
        ("etsy", listing(3000, 1999), "size"),
        ("shopify", listing(2048, 1600), "shape"),
        ("shopify", listing(700, 700), "size"),
        ("shopify", listing(4480, 4480), "max_size"),
        ("instagram_square", listing(1080, 1350), "shape"),
        ("instagram_square", listing(1500, 1500), "size"),
        ("instagram_portrait", listing(1080, 1080), "shape"),
    ],
)
def test_a_broken_rule_fails_and_says_how_to_mend_it(preset: str, pixels: np.ndarray, rule: str) -> None:
    result = results(pixels, preset)[rule]
    assert result.failed
    assert result.detail
    assert result.fix is not None and "{" not in result.fix
    assert result.fix_step is not None
    parse_recipe({"steps": [result.fix_step]})


@pytest.mark.parametrize("preset", PRESETS)
def test_format_and_file_size_are_checked_for_every_marketplace(preset: str) -> None:
    width, height = PRESETS[preset].size
    found = results(listing(width, height), preset, content_type="image/heif", n_bytes=200 * MIB)
    assert found["format"].failed
    assert found["format"].fix_step == {"output": {"format": "jpeg"}}
    assert found["bytes"].failed


def test_one_pixel_that_is_not_white_is_found_anywhere_on_the_background_and_its_place_named() -> None:
    pixels = listing()
    pixels[300, 1000] = (255, 254, 255)  # far from the edge of the frame
    result = results(pixels, "amazon_main")["background"]
    assert result.failed
    assert result.detail.startswith("1 pixel of the background (less than 0.1%) is not white")
    [(left, top, right, bottom)] = result.places
    assert left <= 1000 < right and top <= 300 < bottom
    assert right - left < 30 and bottom - top < 30


def test_a_grey_field_inside_a_white_border_is_not_a_white_background() -> None:
    pixels = listing(ground=236)
    pixels[:40], pixels[-40:], pixels[:, :40], pixels[:, -40:] = 255, 255, 255, 255
    result = results(pixels, "amazon_main")["background"]
    assert result.failed
    assert "(236, 236, 236)" in result.detail
    matte = np.where(pixels[..., 0] == 60, 255, 0).astype(np.uint8)
    assert results(pixels, "amazon_main", product=Product(matte))["background"].failed


def test_a_transparent_background_suits_google_but_not_amazon() -> None:
    pixels = listing(1500, 1500, channels=4)
    pixels[..., 3] = np.where(pixels[..., 0] == 60, 255, 0)
    assert results(pixels, "google_merchant", "image/png")["background"].passed
    assert results(pixels, "google_merchant", "image/png")["fill"].passed
    assert results(pixels, "amazon_main", "image/png")["background"].failed


def test_an_empty_picture_has_no_product_to_measure() -> None:
    found = results(np.full((2000, 2000, 3), 255, np.uint8), "amazon_main")
    assert found["fill"].failed
    assert found["sharp"].passed is None


def test_a_known_place_of_the_product_is_trusted_over_what_is_seen() -> None:
    pixels = listing(fill=0.95)
    matte = np.zeros(pixels.shape[:2], np.uint8)
    matte[400:1600, 150:1850] = 255
    assert results(pixels, "google_merchant", product=Product(matte))["fill"].passed


def test_a_product_cut_off_by_its_photo_is_named_with_the_side_and_the_place() -> None:
    pixels = listing()
    matte = np.where(pixels[..., 0] == 60, 255, 0).astype(np.uint8)
    result = results(pixels, "amazon_main", product=Product(matte, ("bottom",)))["cut_off"]
    assert result.failed
    assert result.detail == "The product is cut off at the bottom."
    assert result.fix_step is None
    [(left, top, right, bottom)] = result.places
    assert (left, right) == pytest.approx((150, 1850), abs=6)
    assert 1380 <= top < bottom <= 1430


def test_a_product_that_only_touches_the_frame_is_not_cut_off() -> None:
    rows, columns = np.mgrid[:1200, :1200]
    pixels = np.full((1200, 1200, 3), 255, np.uint8)
    pixels[(rows - 600) ** 2 + (columns - 600) ** 2 <= 600**2] = 70
    assert results(pixels, "amazon_main")["cut_off"].passed
    assert results(pixels[:1000], "amazon_main")["cut_off"].detail == "The product is cut off at the bottom."


@pytest.mark.parametrize("side", [600, 1200, 2400])
def test_sharpness_is_measured_in_shares_of_the_product_whatever_the_picture_s_size(side: int) -> None:
    small = np.random.default_rng(3).integers(40, 200, (24, 24, 3)).astype(np.uint8)
    canvas = np.full((2400, 2400, 3), 255, np.uint8)
    canvas[200:2200, 200:2200] = np.asarray(Image.fromarray(small).resize((2000, 2000), Image.Resampling.NEAREST))
    sharp = Image.fromarray(canvas)

    def seen(image: Image.Image) -> RuleResult:
        return results(np.asarray(image.resize((side, side), Image.Resampling.BOX)), "amazon_main")["sharp"]

    assert seen(sharp).passed
    assert seen(sharp.filter(ImageFilter.GaussianBlur(16))).failed


@pytest.mark.parametrize(("contrast", "turn"), [(20, 0), (25, 45), (120, 60)])
def test_a_pale_or_slanting_watermark_is_written_text_and_not_a_grey_background(contrast: int, turn: float) -> None:
    canvas = ground()
    put(canvas, scaled(product("bottle", Random(4)), 0.88))
    level = 255 - contrast
    words(canvas, "Studio", (0.14, 0.5), 0.05, (level, level, level), turn)
    for preset in ("amazon_main", "ebay"):
        found = results(finished(canvas), preset)
        assert [name for name, result in found.items() if result.failed] == ["overlay"]
        left, top, right, bottom = found["overlay"].places[0]
        assert left < 0.14 * 1200 < right and top < 600 < bottom


def test_a_rule_that_is_coming_is_shown_with_its_day_and_fails_nothing_before_it() -> None:
    def sizes(day: date) -> dict[str, RuleResult]:
        found = marketplaces.check(listing(400, 400), "image/jpeg", MIB, "google_merchant", on=day)
        return {result.title: result for result in found if result.rule == "size"}

    before, after = sizes(date(2027, 1, 30)), sizes(date(2027, 1, 31))
    assert before["At least 100×100 pixels"].passed
    coming = before["At least 500×500 pixels"]
    assert (coming.passed, coming.coming, coming.failed) == (False, True, False)
    assert coming.in_force_from == date(2027, 1, 31)
    assert list(after) == ["At least 500×500 pixels"]
    assert after["At least 500×500 pixels"].failed


def test_on_a_background_that_is_not_plain_nothing_is_claimed_of_what_stands_on_it() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (1000, 1000, 3)).astype(np.uint8)
    found = results(pixels, "amazon_main")
    assert found["background"].failed
    unknown = {name for name, result in found.items() if result.passed is None}
    assert unknown == {"fill", "cut_off", "sharp", "overlay", "one_item", "props"}


def test_tiny_pictures_are_checked_without_a_fault() -> None:
    for preset in PRESETS:
        for side in (1, 2, 5, 17):
            assert marketplaces.check(np.zeros((side, side, 3), np.uint8), "image/png", 10, preset)


def test_an_unknown_marketplace_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        marketplaces.check(listing(), "image/jpeg", 1, "bazaar")
