"""Which transparent pictures are cut-outs."""

import cv2
import numpy as np
import pytest

from services.studio import pipeline
from services.studio.recipes import parse_recipe
from services.studio.transparency import is_cut_out

CUT_OUT = parse_recipe({"steps": [{"op": "remove_background"}]})
AMAZON = parse_recipe({"steps": [{"op": "background", "params": {"preset": "amazon_main"}}]})
SIDE = 480


def solid() -> np.ndarray:
    return np.full((SIDE, SIDE), 255, np.uint8)


def rounded(radius: int, margin: int = 0) -> np.ndarray:
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    low, high = margin + radius, SIDE - 1 - margin - radius
    cv2.rectangle(alpha, (low, margin), (high, SIDE - 1 - margin), 255, -1)
    cv2.rectangle(alpha, (margin, low), (SIDE - 1 - margin, high), 255, -1)
    for x in (low, high):
        for y in (low, high):
            cv2.circle(alpha, (x, y), radius, 255, -1, cv2.LINE_AA)
    return alpha


def with_hole(width: int) -> np.ndarray:
    alpha = solid()
    alpha[100 : 100 + width, 50 : 50 + width] = 0
    return alpha


def strip(width: int) -> np.ndarray:
    alpha = solid()
    alpha[:, :width] = 0
    return alpha


def disc(radius: int) -> np.ndarray:
    return cv2.circle(np.zeros((SIDE, SIDE), np.uint8), (SIDE // 2, SIDE // 2), radius, 255, -1, cv2.LINE_AA)


NOT_CUT_OUT = {
    "the same everywhere": np.full((SIDE, SIDE), 254, np.uint8),
    "half there everywhere": np.full((SIDE, SIDE), 100, np.uint8),
    "rounded corners": rounded(24),
    "large rounded corners": rounded(120),
    "one clear pixel": with_hole(1),
    "a clear strip at one side": strip(2),
    "a narrow clear margin": np.pad(np.full((SIDE - 8, SIDE - 8), 255, np.uint8), 4),
}


def trimmed() -> np.ndarray:
    """A disc whose box is the picture."""
    return disc(SIDE // 2)


def cut_off_below() -> np.ndarray:
    alpha = disc(150)
    alpha[SIDE // 2 :, SIDE // 2 - 150 : SIDE // 2 + 150] = 255
    return alpha


def two_parts() -> np.ndarray:
    alpha = np.zeros((SIDE, SIDE), np.uint8)
    alpha[100:300, 50:150] = alpha[150:400, 250:430] = 255
    return alpha


CUT_OUTS = {
    "a book with room around it": np.pad(np.full((SIDE - 80, SIDE - 200), 255, np.uint8), ((40, 40), (100, 100))),
    "a disc": disc(150),
    "trimmed": trimmed(),
    "cut off below": cut_off_below(),
    "two parts": two_parts(),
}


@pytest.mark.parametrize("name", NOT_CUT_OUT)
def test_a_rectangle_is_no_cut_out_whatever_its_corners(name: str) -> None:
    assert not is_cut_out(NOT_CUT_OUT[name])


@pytest.mark.parametrize("name", CUT_OUTS)
def test_a_product_without_its_ground_is_one(name: str) -> None:
    assert is_cut_out(CUT_OUTS[name])


def photo(alpha: np.ndarray) -> np.ndarray:
    """A red disc on a grey ground."""
    rgb = np.full((SIDE, SIDE, 3), 186, np.uint8)
    noise = np.random.default_rng(3).integers(-3, 4, rgb.shape[:2])[..., None]
    cv2.circle(rgb, (SIDE // 2, SIDE // 2), 130, (180, 30, 40), -1, cv2.LINE_AA)
    return np.dstack([np.clip(rgb + noise, 0, 255).astype(np.uint8), alpha])


@pytest.mark.parametrize("name", [name for name in NOT_CUT_OUT if name != "half there everywhere"])
def test_such_a_photo_is_cut_out_and_keeps_none_of_its_ground(name: str) -> None:
    result = pipeline.run(photo(NOT_CUT_OUT[name]), CUT_OUT, cutout_model=None)

    assert result.confidence is not None
    alpha = result.pixels[..., 3]
    assert alpha[SIDE // 2, SIDE // 2] == 255
    assert alpha[SIDE // 2, 20] == 0
    assert (alpha > 127).sum() == pytest.approx(np.pi * 130**2, rel=0.03)


def test_it_stands_on_white_alone() -> None:
    pixels = pipeline.run(photo(rounded(24)), AMAZON, cutout_model=None).pixels
    assert (pixels[:, :100] == 255).all()


def test_a_cut_out_is_taken_as_it_is() -> None:
    source = photo(disc(130))
    result = pipeline.run(source, CUT_OUT, cutout_model=None)
    assert result.confidence is None
    assert np.array_equal(result.pixels[..., 3], source[..., 3])


def test_corners_that_a_turn_left_clear_are_no_cut_out() -> None:
    turned = {"op": "rotate", "params": {"angle": 12, "corners": "transparent"}}
    recipe = parse_recipe({"steps": [turned, {"op": "background", "params": {"preset": "amazon_main"}}]})

    result = pipeline.run(photo(solid()), recipe, cutout_model=None)

    assert result.confidence is not None


def test_rounded_corners_stay_where_nothing_is_cut_out() -> None:
    recipe = parse_recipe({"steps": [{"op": "enhance"}]})
    assert pipeline.run(photo(rounded(60)), recipe).pixels[0, 0, 3] == 0
