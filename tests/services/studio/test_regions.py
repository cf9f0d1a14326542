"""Regions of masks, against the plainest way to find them."""

import numpy as np
import pytest

from services.studio.marketplaces.regions import closed, grown, labelled, regions, spanned


def flooded(mask: np.ndarray) -> list[set[tuple[int, int]]]:
    """The regions by walking from pixel to pixel."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(mask), strict=True)}
    found = []
    while left:
        region, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            region.add((row, column))
            near = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            edge += near
        found.append(region)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_regions_are_what_hangs_together(seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = random.random((random.integers(1, 30), random.integers(1, 30))) < random.uniform(0.1, 0.7)

    expected = flooded(mask)

    assert labelled(mask)[1] == len(expected)
    found = [set(zip(*(axis.tolist() for axis in np.nonzero(one.mask)), strict=True)) for one in regions(mask)]
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))
    assert [one.area for one in regions(mask)] == sorted(map(len, expected), reverse=True)
    for one in regions(mask, smallest=3):
        left, top, right, bottom = one.box
        assert one.area >= 3
        assert one.mask[top:bottom, left:right].sum() == one.area


def test_growing_reaches_as_far_as_asked_and_closing_bridges_twice_as_much() -> None:
    mask = np.zeros((9, 30), bool)
    mask[4, [5, 10]] = True

    assert np.flatnonzero(grown(mask, 2).any(axis=0)).tolist() == [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
    assert labelled(closed(mask, 1))[1] == 2
    assert labelled(closed(mask, 2))[1] == 1
    assert np.array_equal(closed(np.ones((5, 5), bool), 2), np.ones((5, 5), bool))


def test_what_is_spanned_is_a_ring_s_hole_but_not_an_open_cup() -> None:
    cup = np.zeros((7, 9), bool)
    cup[1:6, 1], cup[1:6, 5], cup[5, 1:6] = True, True, True
    ring = cup.copy()
    ring[1, 1:6] = True

    assert np.array_equal(spanned(cup), cup)
    assert spanned(ring).sum() == 25
