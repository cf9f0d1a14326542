"""The before-and-after picture."""

import math
from typing import Any

import numpy as np
import pytest

from services.studio.compare import HEIGHT, before_after, side_needed
from services.studio.pipeline import run
from services.studio.recipes import parse_recipe
from tests.support.marked_products import found_marks, marked_product


def test_both_halves_stand_side_by_side_with_a_divider() -> None:
    before = np.full((100, 80, 3), (200, 0, 0), np.uint8)
    after = np.full((200, 200, 3), (0, 0, 200), np.uint8)
    pair = before_after(before, after)
    assert pair.shape[0] == 100
    divider = pair.shape[1] - 80 - 100
    assert 3 <= divider <= 9
    assert pair[50, 40].tolist() == [200, 0, 0]
    assert pair[50, -10].tolist() == [0, 0, 200]
    assert pair[50, 80].tolist() == [255, 255, 255]
    assert pair[50, 80 + divider // 2].tolist() == [96, 96, 96]


def test_transparency_shows_as_chequers_and_the_product_unchanged() -> None:
    after = np.zeros((200, 200, 4), np.uint8)
    after[50:150, 50:150] = (0, 90, 0, 255)
    pair = before_after(np.zeros((200, 200, 4), np.uint8) + 255, after)
    right = pair[:, -200:]
    assert right[100, 100].tolist() == [0, 90, 0]
    assert {236, 250} <= set(np.unique(right[:40, :40]).tolist())
    assert pair[100, 100].tolist() == [255, 255, 255]


def test_large_and_very_wide_pictures_stay_within_bounds() -> None:
    pair = before_after(np.zeros((3000, 4000, 3), np.uint8), np.zeros((1500, 9000, 3), np.uint8))
    assert pair.shape[0] == HEIGHT
    assert pair.shape[1] <= 2 * 1600 + 20
    assert before_after(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 4000, 4), np.uint8)).shape[0] == 1


@pytest.mark.parametrize(
    "steps",
    [
        [{"op": "background", "params": {"size": "700x500", "fill": 0.8}}],
        [{"op": "rotate", "params": {"angle": 21, "corners": "color"}}, {"op": "upscale", "params": {"factor": 4}}],
        [{"op": "resize", "params": {"width": 120}}],
    ],
)
@pytest.mark.parametrize("transparent", [True, False])
def test_the_product_is_at_the_same_place_in_both_halves(steps: list[dict[str, Any]], transparent: bool) -> None:
    before = marked_product(480, 360, transparent=transparent)
    made = run(before, parse_recipe({"steps": steps}), cutout_model=None)
    pair = before_after(before, made.pixels, made.comparison.registration)
    half = min(made.pixels.shape[1], round(HEIGHT / made.pixels.shape[0] * made.pixels.shape[1]))
    left, right = found_marks(pair[:, :half]), found_marks(pair[:, -half:])
    assert max(math.dist(*both) for both in zip(left, right, strict=True)) < 0.6


def test_where_the_result_reaches_beyond_the_photo_the_left_half_is_chequered() -> None:
    before, after = np.zeros((100, 100, 3), np.uint8), np.zeros((200, 200, 3), np.uint8)
    pair = before_after(before, after, (0.5, 0.0, 0.0, 0.5, 0.25, 0.25))
    assert pair[100, 100].tolist() == [0, 0, 0]
    assert set(np.unique(pair[:40, :40]).tolist()) == {236, 250}


def test_a_photo_that_is_shown_enlarged_is_asked_for_at_that_size() -> None:
    whole_width_on_four_frames = (4.0, 0.0, 0.0, 3.0, -1.0, -1.0)
    assert side_needed(whole_width_on_four_frames, (2000, 2000)) == 4 * HEIGHT
    assert side_needed((1.0, 0.0, 0.0, 1.0, 0.0, 0.0), (300, 200)) == 300
