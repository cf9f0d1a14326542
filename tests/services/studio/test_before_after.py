"""The before-and-after picture."""

import numpy as np

from services.studio.compare import HEIGHT, before_after


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
