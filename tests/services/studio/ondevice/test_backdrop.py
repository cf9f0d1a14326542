"""Backdrops and mixing."""

import numpy as np
import pytest

from services.studio.ondevice import backdrop


def test_mixing_is_exact_at_both_ends_and_right_in_between() -> None:
    rng = np.random.default_rng(0)
    below, above = (rng.integers(0, 256, (50, 60, 3), np.uint8) for _ in range(2))
    matte = rng.choice(np.array([0, 255, 30, 128, 200], np.uint8), (50, 60))
    mixed = backdrop.blended(below, above, matte)
    share = matte[..., None] / 255
    assert np.abs(mixed - (above * share + below * (1 - share))).max() <= 1
    assert np.array_equal(mixed[matte == 0], below[matte == 0])
    assert np.array_equal(mixed[matte == 255], above[matte == 255])


@pytest.mark.parametrize(("left", "top"), [(-5, -5), (45, 45), (100, 0), (0, -50), (20, 20)])
def test_what_lies_outside_the_canvas_is_cut_off(left: int, top: int) -> None:
    canvas = np.zeros((50, 50, 3), np.uint8)
    backdrop.laid_on(canvas, np.full((10, 10, 3), 9, np.uint8), np.full((10, 10), 255, np.uint8), left, top)
    wanted = np.zeros((50, 50), bool)
    wanted[max(0, top) : max(0, top + 10), max(0, left) : max(0, left + 10)] = True
    assert np.array_equal(canvas[..., 0] == 9, wanted)


@pytest.mark.parametrize(
    ("degrees", "start_at", "end_at"),
    [(180, (0, 50), (99, 50)), (0, (99, 50), (0, 50)), (90, (50, 0), (50, 99)), (45, (99, 0), (0, 99))],
)
def test_a_gradient_has_its_angle_as_in_css(degrees: float, start_at: tuple[int, int], end_at: tuple[int, int]) -> None:
    blend = backdrop.gradient(100, 100, (0, 0, 0), (255, 255, 255), degrees)
    assert int(blend[start_at].max()) <= 3
    assert int(blend[end_at].min()) >= 252


@pytest.mark.parametrize(("width", "height"), [(300, 50), (50, 300), (1, 1), (7, 1000)])
def test_a_background_picture_covers_any_frame(width: int, height: int) -> None:
    scene = np.full((20, 30, 3), 77, np.uint8)
    covered = backdrop.picture(scene, width, height)
    assert covered.shape == (height, width, 3)
    assert (covered == 77).all()


def test_visible_colours_spread_into_transparency_so_that_scaling_draws_no_fringe() -> None:
    rgb = np.zeros((60, 60, 3), np.uint8)
    alpha = np.zeros((60, 60), np.uint8)
    rgb[20:40, 20:40], alpha[20:40, 20:40] = (200, 100, 50), 255
    spread = backdrop.bled(rgb, alpha)
    assert np.abs(spread[18, 30].astype(int) - (200, 100, 50)).max() <= 4
    assert np.array_equal(spread[20:40, 20:40], rgb[20:40, 20:40])


def test_the_extent_of_a_matte() -> None:
    alpha = np.zeros((30, 40), np.uint8)
    assert backdrop.extent(alpha) is None
    alpha[5:10, 7:20] = 127
    assert backdrop.extent(alpha) is None
    assert backdrop.extent(alpha, 1) == (7, 5, 20, 10)
