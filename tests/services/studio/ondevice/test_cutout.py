"""The built-in cut-out on drawn pictures whose answer is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, Cutout, cut_out


def disc(ground: tuple[int, int, int], product: tuple[int, int, int], size: int = 400) -> np.ndarray:
    picture = np.full((size, size, 3), ground, np.uint8)
    return cv2.circle(picture, (size // 2, size // 2), size // 4, product, -1, cv2.LINE_AA)


def test_a_red_disc_on_white_is_cut_out_with_confidence() -> None:
    result = cut_out(disc((245, 245, 245), (190, 30, 40)))

    assert result.engine == "built-in"
    assert result.confidence >= CONFIDENCE_THRESHOLD
    assert result.doubts == ()
    assert result.alpha[200, 200] == 255
    assert result.alpha[10, 10] == 0
    area = result.alpha.astype(float).sum() / 255
    assert area == pytest.approx(np.pi * 100**2, rel=0.02)


def test_the_edge_keeps_no_trace_of_the_ground() -> None:
    result = cut_out(disc((245, 245, 245), (190, 30, 40)))

    soft = (result.alpha > 60) & (result.alpha < 250)
    assert soft.any()
    assert np.abs(result.foreground[soft].astype(int) - (190, 30, 40)).mean() < 12


@pytest.mark.parametrize("shape", [(1, 1), (1, 8), (2, 2), (3, 5), (8, 8), (17, 17), (16, 4000), (4000, 16), (3, 900)])
def test_tiny_and_extreme_shapes_do_not_crash(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (*shape, 3), dtype=np.uint8)

    result = cut_out(picture)

    assert_well_formed(result, picture)
    assert result.confidence < CONFIDENCE_THRESHOLD


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_has_no_product_and_says_so(level: int) -> None:
    picture = np.full((300, 300, 3), level, np.uint8)

    result = cut_out(picture)

    assert_well_formed(result, picture)
    assert result.confidence == 0
    assert "No product" in result.doubts[0]


def test_all_noise_is_not_trusted() -> None:
    picture = np.random.default_rng(2).integers(0, 255, (300, 400, 3), dtype=np.uint8)

    result = cut_out(picture)

    assert_well_formed(result, picture)
    assert result.confidence < CONFIDENCE_THRESHOLD
    assert result.doubts


def test_progress_only_rises_and_ends_at_one() -> None:
    seen: list[float] = []

    cut_out(disc((250, 250, 250), (20, 90, 60)), on_progress=seen.append)

    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def assert_well_formed(result: Cutout, picture: np.ndarray) -> None:
    assert result.alpha.shape == picture.shape[:2]
    assert result.alpha.dtype == np.uint8
    assert result.foreground.shape == picture.shape
    assert result.foreground.dtype == np.uint8
    assert 0 <= result.confidence <= 1
