"""What is charged and what is not."""

from typing import Any

import numpy as np
import pytest

from services.studio import encoding, quality
from services.studio.recipes import parse_recipe
from services.studio.rendered import Check, Rendered


def picture(seed: int = 0, size: int = 64) -> np.ndarray:
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 4), np.uint8)
    pixels[..., 3] = 255
    return pixels


def rendered(pixels: np.ndarray, confidence: float | None = None, *checks: Check) -> Rendered:
    return Rendered(pixels=pixels, confidence=confidence, doubts=(), checks=checks, stages=())


def judge(
    source: np.ndarray, result: Rendered, *steps: tuple[str, dict[str, Any]], data: bytes | None = None
) -> quality.QualityReport:
    recipe = parse_recipe({"steps": [{"op": op, "params": params} for op, params in steps]})
    return quality.validate(source, result, data or encoding.encode(result.pixels, recipe.output), recipe)


def failed(report: quality.QualityReport) -> list[str]:
    return [check.name for check in report.checks if not check.passed]


def test_a_good_result_is_acceptable_and_lists_what_was_checked() -> None:
    report = judge(picture(0), rendered(picture(1)[..., :3]), ("enhance", {}))
    assert report.acceptable
    assert report.reason is None
    assert [check.name for check in report.checks] == ["decodes", "size", "not_blank", "changed"]


def test_a_file_that_does_not_open_again_is_not_acceptable() -> None:
    report = judge(picture(), rendered(picture(1)[..., :3]), ("enhance", {}), data=b"\xff\xd8\xff broken")
    assert not report.acceptable
    assert failed(report) == ["decodes"]
    assert report.reason == "The finished file could not be opened again."


def test_a_wrong_size_is_noticed() -> None:
    report = judge(picture(), rendered(picture(1)[..., :3]), ("upscale", {"factor": 2}))
    assert failed(report) == ["size"]
    assert "128×128" in next(check.detail for check in report.checks if check.name == "size")


@pytest.mark.parametrize(
    "blank",
    [np.full((64, 64, 3), 255, np.uint8), np.full((64, 64, 3), 7, np.uint8), np.zeros((64, 64, 4), np.uint8)],
    ids=["white", "dark", "transparent"],
)
def test_a_blank_result_is_not_acceptable(blank: np.ndarray) -> None:
    report = judge(picture(), rendered(blank), ("remove_background", {}))
    assert "not_blank" in failed(report)
    assert not report.acceptable


@pytest.mark.parametrize("format", ["png", "jpeg", "webp"])
def test_a_result_with_one_small_thing_in_it_is_not_blank(format: str) -> None:
    pixels = np.full((1500, 1500, 3), 255, np.uint8)
    pixels[701:707, 703:708] = 40
    recipe = parse_recipe({"steps": [{"op": "enhance"}], "output": {"format": format}})
    data = encoding.encode(pixels, recipe.output)
    report = quality.validate(picture(0, 1500), rendered(pixels), data, recipe)
    assert "not_blank" not in failed(report)


def test_the_input_unchanged_is_not_acceptable_where_a_change_was_asked_for() -> None:
    source = picture()
    report = judge(source, rendered(source[..., :3]), ("enhance", {}))
    assert failed(report) == ["changed"]
    assert report.reason is not None
    assert "nothing to change" in report.reason


@pytest.mark.parametrize(
    "step",
    [
        ("adjust", {}),
        ("rotate", {"angle": 360}),
        ("resize", {"width": 64}),
        ("enhance", {"strength": 0}),
        ("shadow", {"strength": 0}),
    ],
)
def test_a_recipe_that_asks_for_nothing_may_return_the_input(step: tuple[str, dict[str, Any]]) -> None:
    source = picture()
    assert judge(source, rendered(source[..., :3]), step).acceptable


def test_a_change_of_transparency_alone_is_a_change() -> None:
    source = picture()
    clear = source.copy()
    clear[:20, :, 3] = 0
    assert judge(source, rendered(clear, 0.9), ("remove_background", {})).acceptable


def test_a_small_change_in_a_large_picture_is_found() -> None:
    source = picture(size=1500)
    after = source[..., :3].copy()
    after[1:200:2, 1:200:2] ^= 64
    assert judge(source, rendered(after), ("enhance", {})).acceptable


def test_an_unsure_cut_out_is_not_acceptable_and_says_so_in_plain_words() -> None:
    unsure = Check("cutout_confidence", False, "The cut-out is 20% sure.")
    report = judge(picture(), rendered(picture(1)[..., :3], 0.2, unsure), ("enhance", {}))
    assert not report.acceptable
    assert report.confidence == 0.2
    assert report.reason is not None
    assert "plain background" in report.reason
