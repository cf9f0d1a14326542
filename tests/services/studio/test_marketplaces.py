"""The marketplace rules, each seen to pass and to fail."""

import numpy as np
import pytest

from services.studio import marketplaces
from services.studio.marketplaces import MIB, PRESETS, RuleResult
from services.studio.recipes import parse_recipe


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
    pixels: np.ndarray, preset: str, content_type: str = "image/jpeg", n_bytes: int = MIB
) -> dict[str, RuleResult]:
    return {result.rule: result for result in marketplaces.check(pixels, content_type, n_bytes, preset)}


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
        assert len({rule.id for rule in preset.rules}) == len(preset.rules)
        for rule in preset.rules:
            assert rule.source.url.startswith("https://")
            assert rule.title
            assert rule.fix


@pytest.mark.parametrize("preset", PRESETS)
def test_a_picture_made_to_the_preset_passes_every_rule(preset: str) -> None:
    width, height = PRESETS[preset].size
    assert all(result.passed for result in results(listing(width, height), preset).values())


@pytest.mark.parametrize(
    ("preset", "pixels", "rule"),
    [
        ("amazon_main", listing(ground=254), "background"),
        ("amazon_main", listing(fill=0.80), "fill"),
        ("amazon_main", listing(999, 999), "size"),
        ("google_merchant", listing(fill=0.95), "fill"),
        ("google_merchant", listing(fill=0.70), "fill"),
        ("google_merchant", listing(ground=240), "background"),
        ("google_merchant", listing(499, 499), "size"),
        ("ebay", listing(499, 499), "size"),
        ("ebay", listing(900, 900), "sharpness"),
        ("etsy", listing(3000, 1999), "size"),
        ("shopify", listing(2048, 1600), "shape"),
        ("shopify", listing(700, 700), "size"),
        ("shopify", listing(4480, 4480), "max_size"),
        ("instagram_square", listing(1080, 1350), "shape"),
        ("instagram_square", listing(1500, 1500), "size"),
        ("instagram_portrait", listing(1080, 1080), "shape"),
    ],
)
def test_a_broken_rule_fails_alone_and_says_how_to_mend_it(preset: str, pixels: np.ndarray, rule: str) -> None:
    found = results(pixels, preset)
    failed = [name for name, result in found.items() if not result.passed]
    assert rule in failed
    result = found[rule]
    assert result.detail
    assert result.fix
    assert result.fix_step is not None
    parse_recipe({"steps": [result.fix_step]})


@pytest.mark.parametrize("preset", PRESETS)
def test_format_and_file_size_are_checked_for_every_marketplace(preset: str) -> None:
    width, height = PRESETS[preset].size
    found = results(listing(width, height), preset, content_type="image/heif", n_bytes=200 * MIB)
    assert not found["format"].passed
    assert found["format"].fix_step == {"output": {"format": "jpeg"}}
    assert not found["bytes"].passed


def test_one_pixel_off_white_in_the_ring_is_found() -> None:
    pixels = listing()
    pixels[1985, 1000] = (255, 254, 255)
    result = results(pixels, "amazon_main")["background"]
    assert not result.passed
    assert result.detail.startswith("1 pixels")
    pixels[1985, 1000], pixels[1975, 1000] = 255, 254
    assert results(pixels, "amazon_main")["background"].passed


def test_a_transparent_background_suits_google_but_not_amazon() -> None:
    pixels = listing(1500, 1500, channels=4)
    pixels[..., 3] = np.where(pixels[..., 0] == 60, 255, 0)
    assert results(pixels, "google_merchant", "image/png")["background"].passed
    assert results(pixels, "google_merchant", "image/png")["fill"].passed
    assert not results(pixels, "amazon_main", "image/png")["background"].passed


def test_an_empty_picture_has_no_product_to_measure() -> None:
    assert marketplaces.subject_extent(np.full((50, 50, 3), 255, np.uint8)) is None
    assert not results(np.full((2000, 2000, 3), 255, np.uint8), "amazon_main")["fill"].passed


def test_a_known_place_of_the_product_is_trusted_over_a_shadow_around_it() -> None:
    pixels = listing(fill=0.95)
    box = (150, 400, 1850, 1600)
    found = {r.rule: r for r in marketplaces.check(pixels, "image/jpeg", MIB, "google_merchant", box)}
    assert found["fill"].passed


def test_tiny_pictures_are_checked_without_a_fault() -> None:
    for preset in PRESETS:
        assert marketplaces.check(np.zeros((1, 1, 3), np.uint8), "image/png", 10, preset)


def test_an_unknown_marketplace_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        marketplaces.check(listing(), "image/jpeg", 1, "bazaar")
