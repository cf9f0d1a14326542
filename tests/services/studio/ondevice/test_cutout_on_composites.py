"""The built-in cut-out on drawn product photos whose matte is known (a share of those the benchmark uses)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from bench.synthetic_products import MIX, Composite, Kind, composites, draw
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, Cutout, cut_out

SAMPLE, HARD_SAMPLE = 10, 6


@lru_cache
def plain() -> list[tuple[Composite, Cutout]]:
    drawn = [draw("plain", 70_000 + index) for index in range(SAMPLE)]
    return [(picture, cut_out(picture.rgb)) for picture in drawn]


def iou(picture: Composite, result: Cutout) -> float:
    found, real = result.alpha > 127, picture.alpha > 0.5
    return float((found & real).sum() / (found | real).sum())


def test_products_on_plain_grounds_are_found() -> None:
    assert np.median([iou(*pair) for pair in plain()]) > 0.97


def test_the_matte_is_close_to_the_truth() -> None:
    errors = [np.abs(result.alpha / 255 - picture.alpha).mean() for picture, result in plain()]
    assert np.median(errors) < 0.006


def test_what_is_accepted_is_right_and_what_is_right_is_accepted() -> None:
    accepted = [iou(*pair) >= 0.9 for pair in plain() if pair[1].confidence >= CONFIDENCE_THRESHOLD]
    right = [pair[1].confidence >= CONFIDENCE_THRESHOLD for pair in plain() if iou(*pair) >= 0.9]
    assert np.mean(accepted) >= 0.85
    assert np.mean(right) >= 0.9


@pytest.mark.parametrize("kind", ["tone_on_tone", "busy"])
def test_what_cannot_be_told_apart_is_not_sold(kind: Kind) -> None:
    drawn = [draw(kind, 80_000 + index) for index in range(HARD_SAMPLE)]
    wrong = [result for picture in drawn if iou(picture, result := cut_out(picture.rgb)) < 0.8]
    assert wrong, "none of these is meant to be easy"
    assert np.mean([result.confidence < CONFIDENCE_THRESHOLD for result in wrong]) >= 0.75
    assert all(result.doubts for result in wrong if result.confidence < CONFIDENCE_THRESHOLD)


def test_the_pictures_are_the_same_on_every_run() -> None:
    first, again = draw("plain", 5), draw("plain", 5)
    assert np.array_equal(first.rgb, again.rgb)
    assert not np.array_equal(first.rgb.shape, draw("plain", 6).rgb.shape)


def test_the_benchmark_has_eighty_pictures_of_four_kinds() -> None:
    assert sum(MIX.values()) == 80
    first = next(composites())
    assert first.kind == "plain"
    assert first.rgb.dtype == np.uint8
    assert first.alpha.shape == first.rgb.shape[:2]
    assert 0 <= first.alpha.min() < first.alpha.max() <= 1
