"""The parts of the cut-out: the model of the ground, the matte, and the score."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.studio.ondevice import alpha_matte, cutout_confidence
from services.studio.ondevice.background_model import fit_border
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, cut_out


def sloping_ground(height: int = 300, width: int = 400) -> np.ndarray:
    """Lab: lightness falls from 90 to 70 across, with fall-off towards the corners."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    return np.dstack([80 - 10 * x - 4 * (x * x + y * y), np.full_like(x, 2), 5 + 3 * y])


def test_the_ground_behind_a_product_is_known_though_it_slopes() -> None:
    truth = sloping_ground()
    seen = truth.copy()
    seen[80:220, 120:280] = (20, 40, 10)

    ground = fit_border(seen)

    assert np.abs(ground.field - truth).max() < 0.5
    assert ground.spread < 1
    assert ground.unexplained == 0


def test_a_product_across_the_border_does_not_bend_the_ground() -> None:
    truth = sloping_ground()
    seen = truth.copy()
    seen[200:, 150:260] = (20, 40, 10)

    ground = fit_border(seen)

    assert np.abs(ground.field - truth).max() < 1
    assert 0.02 < ground.unexplained < 0.2


def soft_disc(size: int = 300, blur: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """A disc with a soft edge: coverage 0..1 (H×W) and its picture, dark green on light pink."""
    cover = np.zeros((size, size), np.float32)
    cv2.circle(cover, (size // 2, size // 2), size // 3, 1.0, -1)
    cover = cv2.GaussianBlur(cover, (0, 0), blur)
    mixed = cover[..., None] * (20, 90, 40) + (1 - cover[..., None]) * (245, 225, 230)
    return cover, (mixed + 0.5).astype(np.uint8)


def test_a_soft_edge_is_measured_from_its_colours() -> None:
    cover, picture = soft_disc()

    alpha, _ = alpha_matte.matte(picture, cover > 0.5)

    assert np.abs(alpha / 255 - cover).max() < 0.15
    assert np.abs(alpha / 255 - cover).mean() < 0.004


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_mask_solved_at_a_smaller_size_serves_the_full_picture(scale: int) -> None:
    cover, picture = soft_disc(600, 1.0 * scale)
    small = cv2.resize(cover, (600 // scale, 600 // scale), interpolation=cv2.INTER_AREA) > 0.5

    alpha, foreground = alpha_matte.matte(picture, small)

    assert np.abs(alpha / 255 - cover).mean() < 0.005
    edge = (alpha > 60) & (alpha < 250)
    assert np.abs(foreground[edge].astype(int) - (20, 90, 40)).mean() < 8


def test_a_models_matte_gets_the_ground_taken_out_of_its_edge() -> None:
    cover, picture = soft_disc(blur=3)

    foreground = alpha_matte.clean_foreground(picture, (cover * 255).astype(np.uint8))

    edge = (cover > 0.25) & (cover < 0.95)
    before = np.abs(picture[edge].astype(int) - (20, 90, 40)).mean()
    after = np.abs(foreground[edge].astype(int) - (20, 90, 40)).mean()
    assert after < 0.2 * before


@pytest.mark.parametrize("whole", [True, False])
def test_a_matte_of_everything_or_nothing_is_just_that(whole: bool) -> None:
    picture = np.full((40, 50, 3), 120, np.uint8)

    alpha, foreground = alpha_matte.matte(picture, np.full((40, 50), whole))

    assert (alpha == (255 if whole else 0)).all()
    assert foreground.shape == picture.shape
    assert not whole or (foreground == 120).all()


def test_colour_spreads_smoothly_from_what_is_known() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :8], picture[:, -8:] = (200, 0, 0), (0, 0, 200)
    known = np.zeros((64, 64), bool)
    known[:, :8] = known[:, -8:] = True

    filled = alpha_matte.spread_colour(picture, known)

    assert np.abs(filled[32, 2] - (200, 0, 0)).max() < 1
    assert np.abs(filled[32, 61] - (0, 0, 200)).max() < 1
    assert 60 < filled[32, 32, 0] < 160
    assert filled[32, 20, 0] > filled[32, 44, 0]


def test_an_undecided_model_is_not_trusted_and_a_decided_one_is() -> None:
    undecided = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (200, 1))
    decided = np.zeros((200, 300), np.uint8)
    decided[50:150, 100:200] = 255

    assert cutout_confidence.judge_matte(undecided).confidence < CONFIDENCE_THRESHOLD
    assert cutout_confidence.judge_matte(decided).confidence == 1.0


def test_a_product_that_fills_the_picture_is_doubted() -> None:
    picture = np.full((300, 300, 3), 245, np.uint8)
    cv2.circle(picture, (150, 150), 190, (160, 40, 30), -1)

    assert cut_out(picture).confidence < CONFIDENCE_THRESHOLD


def test_white_on_white_is_doubted() -> None:
    picture = np.full((400, 400, 3), 246, np.uint8)
    cv2.rectangle(picture, (100, 100), (300, 300), (240, 241, 241), -1)
    cv2.circle(picture, (200, 200), 20, (200, 30, 30), -1)

    result = cut_out(picture)

    assert result.confidence < CONFIDENCE_THRESHOLD
    assert result.doubts
