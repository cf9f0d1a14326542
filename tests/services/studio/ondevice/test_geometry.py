"""Scaling, turning and sharpening of pixels."""

import numpy as np
import pytest

from services.studio.ondevice import geometry, sharpening


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, -1])
def test_quarter_turns_are_exact_and_clockwise(turns: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    assert np.array_equal(geometry.quarter_turned(pixels, turns), np.rot90(pixels, -turns))


def test_a_crop_does_not_keep_the_whole_picture_alive() -> None:
    assert geometry.cropped(np.zeros((100, 100, 3), np.uint8), 10, 20, 30, 25).base is None


@pytest.mark.parametrize("size", [(5, 5), (40, 5), (5, 40), (40, 40), (20, 20), (1, 1)])
def test_an_even_picture_stays_even_at_any_size(size: tuple[int, int]) -> None:
    pixels = np.full((20, 20, 3), (10, 128, 255), np.uint8)
    result = geometry.scaled(pixels, *size)
    assert result.shape == (size[1], size[0], 3)
    assert (result == (10, 128, 255)).all()


def test_an_enlarged_edge_is_steeper_than_interpolation_makes_it_and_has_no_halo() -> None:
    edge = np.full((40, 40, 3), 60, np.uint8)
    edge[:, 20:] = 190
    plain, crisp = geometry.scaled(edge, 120, 120), geometry.enlarged(edge, 120, 120)

    def steepness(pixels: np.ndarray) -> int:
        return int(np.abs(np.diff(pixels[60, :, 0].astype(int))).max())

    assert steepness(crisp) > steepness(plain)
    assert int(crisp.min()) >= int(plain.min()) - 6
    assert int(crisp.max()) <= int(plain.max()) + 6


def test_sharpening_in_strips_is_the_same_as_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (200, 50, 3), np.uint8)
    whole = sharpening.sharpened(pixels, radius=1.0, amount=0.7)
    monkeypatch.setattr(sharpening, "STRIP", 64)
    assert np.array_equal(sharpening.sharpened(pixels, radius=1.0, amount=0.7), whole)


def test_sharpening_leaves_grain_alone() -> None:
    grain = (128 + np.random.default_rng(2).integers(-1, 2, (64, 64, 3))).astype(np.uint8)
    assert np.array_equal(sharpening.sharpened(grain, radius=1.0, amount=1.0, grain=3.0), grain)


@pytest.mark.parametrize("size", [(1280, 960), (1000, 750), (333, 250), (4000, 3000), (1, 1)])
def test_what_is_reduced_looks_like_what_is_scaled(size: tuple[int, int]) -> None:
    waves = np.sin(np.linspace(0, 60, 4000)) * 60 + 128
    pixels = np.repeat(np.broadcast_to(waves, (3000, 4000))[..., None], 3, axis=2).astype(np.uint8)

    made, wanted = geometry.reduced(pixels, *size), geometry.scaled(pixels, *size)

    assert made.shape == wanted.shape == (size[1], size[0], 3)
    assert np.abs(made.astype(int) - wanted).mean() < 2
