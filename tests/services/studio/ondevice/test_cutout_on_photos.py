"""The built-in cut-out on real photographs: right where it says so, doubtful where it must be."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, Cutout, cut_out

GOOD = ["mug", "loafers", "watch", "hairdryer", "RoofBinoculars", "LensCleaningKit", "RedFlashlight"]
DOUBTFUL = ["bamboo-glass-jar", "coffee", "car-2", "t-shirt_01"]


def load(photos: Path, name: str) -> np.ndarray:
    [path] = [found for found in photos.glob(f"{name}.*") if found.stem == name]  # beside it are mattes of it
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


@lru_cache
def cut(photos: Path, name: str) -> Cutout:
    return cut_out(load(photos, name))


@pytest.mark.parametrize("name", GOOD)
def test_a_product_on_a_plain_ground_is_accepted_without_doubt(photos: Path, name: str) -> None:
    result = cut(photos, name)

    assert result.confidence >= CONFIDENCE_THRESHOLD
    assert result.doubts == ()


@pytest.mark.parametrize("name", DOUBTFUL)
def test_glass_and_busy_scenes_are_doubted_in_plain_words(photos: Path, name: str) -> None:
    result = cut(photos, name)

    assert result.confidence < CONFIDENCE_THRESHOLD
    assert result.doubts


def test_the_glass_jar_is_called_transparent(photos: Path) -> None:
    [doubt] = cut(photos, "bamboo-glass-jar").doubts
    assert doubt.startswith("The product looks transparent")


@pytest.mark.parametrize(
    ("name", "product", "ground"),
    [
        # x, y in pixels: the glaze, the rim, the foot; the handle's hole, the shadow beside and below the mug
        ("mug", [(390, 460), (390, 137), (400, 545)], [(165, 370), (580, 480), (420, 590)]),
        # the toe and the inside; the shadow under the sole
        ("loafers", [(120, 560), (520, 220)], [(430, 560), (560, 480)]),
        # the barrel, the handle; the shadows along both
        ("hairdryer", [(250, 210), (265, 400)], [(330, 360), (300, 400)]),
        ("watch", [(325, 290), (487, 464)], [(420, 300), (60, 600)]),
    ],
)
def test_shadows_and_holes_go_and_the_product_stays(
    photos: Path, name: str, product: list[tuple[int, int]], ground: list[tuple[int, int]]
) -> None:
    alpha = cut(photos, name).alpha

    assert [alpha[y, x] for x, y in product] == [255] * len(product)
    assert [alpha[y, x] for x, y in ground] == [0] * len(ground)


@pytest.mark.parametrize("name", ["mug", "hairdryer"])
def test_a_black_product_from_a_white_ground_has_no_light_halo(photos: Path, name: str) -> None:
    result = cut(photos, name)

    soft = (result.alpha > 80) & (result.alpha < 250)
    assert soft.any()
    over_black = result.foreground.astype(float).mean(axis=2) * result.alpha / 255
    light_edge = (over_black > 150) & soft
    assert light_edge.sum() < 0.05 * soft.sum()


def test_the_reference_of_a_person_outdoors_is_met_though_it_is_doubted(photos: Path) -> None:
    reference = cv2.imread(str(photos / "girl-1.u2net.png"), cv2.IMREAD_UNCHANGED)[..., -1] > 127
    result = cut(photos, "girl-1")

    found = result.alpha > 127
    assert (found & reference).sum() / (found | reference).sum() > 0.85
    assert result.confidence < CONFIDENCE_THRESHOLD


def test_the_size_of_the_picture_changes_little(photos: Path) -> None:
    small = load(photos, "mug")
    large = cv2.resize(small, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)

    result = cut_out(large)

    shrunk = cv2.resize(result.alpha, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    first, second = cut(photos, "mug").alpha > 127, shrunk > 127
    assert (first & second).sum() / (first | second).sum() > 0.985
    assert result.confidence >= CONFIDENCE_THRESHOLD
