"""Strokes on a cut-out: what they bring back, take away and leave alone, on drawn pictures and on real ones."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from services.studio.ondevice import touch_up
from services.studio.ondevice.cutout import cut_out
from services.studio.ondevice.touch_up import Sketch, Stroke
from tests.support.stroking import WIDEST, next_stroke, overlap

BODY, LID, WALL = (176, 34, 40), (240, 220, 90), (206, 208, 214)


def scene(width: int = 480, height: int = 360) -> tuple[np.ndarray, np.ndarray]:
    """A red jug with a yellow lid on a grainy grey wall, H×W×3, and its true mask."""
    rgb = np.empty((height, width, 3), np.uint8)
    rgb[:] = WALL
    truth = np.zeros((height, width), np.uint8)
    body = (int(width * 0.5), int(height * 0.6)), (int(width * 0.16), int(height * 0.26))
    lid = (int(width * 0.5), int(height * 0.3)), (int(width * 0.1), int(height * 0.1))
    for (middle, radii), color in ((lid, LID), (body, BODY)):
        cv2.ellipse(rgb, middle, radii, 0, 0, 360, color, -1, cv2.LINE_AA)
        cv2.ellipse(truth, middle, radii, 0, 0, 360, 1, -1)
    grain = np.random.default_rng(3).normal(0, 4, rgb.shape)
    return np.clip(rgb + grain, 0, 255).astype(np.uint8), truth > 0


def without_lid(truth: np.ndarray) -> np.ndarray:
    """The alpha of a cut-out that lost the lid, H×W uint8."""
    alpha = truth.astype(np.uint8) * 255
    alpha[: int(alpha.shape[0] * 0.36)] = 0
    return alpha


def after(rgb: np.ndarray, alpha: np.ndarray, *strokes: Stroke) -> np.ndarray:
    """The alpha after strokes."""
    return touch_up.touched_up(rgb, alpha, rgb, sketched(rgb, alpha, *strokes))[0]


def sketched(rgb: np.ndarray, alpha: np.ndarray, *strokes: Stroke) -> Sketch:
    sketch = touch_up.sketch(rgb, alpha)
    for stroke in strokes:
        sketch = touch_up.stroked(sketch, stroke)
    return sketch


def test_a_rough_stroke_brings_a_lost_part_back_up_to_its_true_edge() -> None:
    rgb, truth = scene()
    alpha = without_lid(truth)
    assert overlap(alpha > 127, truth) < 0.9

    found = after(rgb, alpha, Stroke("keep", ((0.46, 0.28), (0.54, 0.29)), 0.03))

    assert overlap(found > 127, truth) > 0.985


def test_a_rough_stroke_takes_away_what_is_too_much_up_to_the_product() -> None:
    rgb, truth = scene()
    alpha = truth.astype(np.uint8) * 255
    alpha[200:330, 40:200] = 255

    found = after(rgb, alpha, Stroke("erase", ((0.12, 0.6), (0.12, 0.85)), 0.05))

    assert overlap(found > 127, truth) > 0.985


@pytest.mark.parametrize(("mode", "at"), [("add", (0.5, 0.28)), ("remove", (0.16, 0.75))])
def test_a_click_is_enough_for_an_object(mode: str, at: tuple[float, float]) -> None:
    rgb, truth = scene()
    alpha = without_lid(truth)
    if mode == "remove":
        alpha = truth.astype(np.uint8) * 255
        cv2.circle(rgb, (77, 270), 30, (40, 90, 60), -1)
        cv2.circle(alpha, (77, 270), 30, 255, -1)

    found = after(rgb, alpha, Stroke(mode, (at,), 0.03))

    assert overlap(found > 127, truth) > 0.985


def test_what_lies_apart_from_a_stroke_keeps_its_very_alpha() -> None:
    rgb, truth = scene()
    alpha = cv2.GaussianBlur(without_lid(truth), (0, 0), 1.2)

    found = after(rgb, alpha, Stroke("keep", ((0.46, 0.28), (0.54, 0.29)), 0.03))

    below = slice(int(rgb.shape[0] * 0.6), None)
    assert (found[below] == alpha[below]).all()


def test_the_new_edge_is_soft_where_the_photo_is() -> None:
    rgb, truth = scene()
    blurred = cv2.GaussianBlur(rgb, (0, 0), 1.5)

    found = after(blurred, without_lid(truth), Stroke("keep", ((0.46, 0.28), (0.54, 0.29)), 0.03))

    lid = found[: int(rgb.shape[0] * 0.3)]
    assert ((lid > 20) & (lid < 235)).sum() > 60


def test_a_later_stroke_wins_over_an_earlier_one() -> None:
    rgb, truth = scene()
    alpha, spot = without_lid(truth), (0.5, 0.28)
    keep, erase = (
        Stroke(mode, (spot, (0.52, 0.28)), 0.04, snap=snap) for mode, snap in (("keep", True), ("erase", False))
    )
    x, y = int(0.51 * rgb.shape[1]), int(0.28 * rgb.shape[0])

    assert after(rgb, alpha, keep, erase)[y, x] == 0
    assert after(rgb, alpha, keep, erase, keep)[y, x] == 255


def test_an_earlier_stroke_is_not_grown_over() -> None:
    rgb, truth = scene()
    alpha = truth.astype(np.uint8) * 255
    ground = Stroke("erase", ((0.5, 0.52), (0.5, 0.66)), 0.03, snap=False)

    found = after(rgb, alpha, ground, Stroke("keep", ((0.42, 0.6), (0.44, 0.7)), 0.03))

    assert found[int(0.6 * rgb.shape[0]), int(0.5 * rgb.shape[1])] == 0


def test_without_snapping_a_stroke_paints_where_it_went_and_its_rim_as_soft_as_it_is() -> None:
    rgb, truth = scene()
    alpha = np.zeros(truth.shape, np.uint8)
    alpha[:40, :40] = 255
    hard, soft = (Stroke("keep", ((0.2, 0.5), (0.8, 0.5)), 0.1, softness, snap=False) for softness in (0.0, 0.8))

    column = [after(rgb, alpha, stroke)[:, 240] for stroke in (hard, soft)]

    assert [line[180] for line in column] == [255, 255]
    assert [line[120] for line in column] == [0, 0]
    in_between = [int(((line > 10) & (line < 245)).sum()) for line in column]
    assert in_between[0] <= 4 < 30 < in_between[1]


def test_the_same_strokes_give_the_same_again_so_that_undo_is_exact() -> None:
    rgb, truth = scene()
    alpha = without_lid(truth)
    first = Stroke("keep", ((0.46, 0.28), (0.54, 0.29)), 0.03)
    once = after(rgb, alpha, first)
    after(rgb, alpha, first, Stroke("erase", ((0.1, 0.1), (0.9, 0.15)), 0.05))
    assert (after(rgb, alpha, first) == once).all()
    assert (after(rgb, alpha) == alpha).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 900), (17, 16), (64, 64)])
@pytest.mark.parametrize("mode", ["keep", "erase", "add", "remove"])
@pytest.mark.parametrize("level", [0, 255])
def test_a_picture_of_any_shape_takes_any_stroke(shape: tuple[int, int], mode: str, level: int) -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (*shape, 3), np.uint8)
    alpha = np.full(shape, level, np.uint8)
    for snap in (True, False):
        found = after(
            rgb, alpha, Stroke(mode, ((0.0, 0.0), (1.0, 1.0)), 0.3, 0.5, snap), Stroke(mode, ((1.0, 1.0),), 0.002)
        )
        assert found.shape == shape
        assert found.dtype == np.uint8


def test_strokes_hold_at_full_size_what_they_showed_on_the_screen() -> None:
    rgb, truth = scene(1200, 900)
    small = cv2.resize(rgb, (480, 360), interpolation=cv2.INTER_AREA)
    stroke = Stroke("keep", ((0.46, 0.28), (0.54, 0.29)), 0.03)

    large = after(rgb, without_lid(truth), stroke)
    shown = after(small, cv2.resize(without_lid(truth), (480, 360), interpolation=cv2.INTER_AREA), stroke)

    shrunk = cv2.resize(large, (480, 360), interpolation=cv2.INTER_AREA)
    assert overlap(shrunk > 127, shown > 127) > 0.985


@pytest.mark.parametrize("name", ["armchair-room", "cactus-pot", pytest.param("jeans-street", marks=pytest.mark.soak)])
def test_five_strokes_mend_a_doubtful_photograph(name: str, photos: Path) -> None:
    rgb = cv2.imread(str(photos / "shop" / f"{name}.jpg"))[..., ::-1]
    rgb = cv2.resize(rgb, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    reference = cv2.imread(str(photos / "shop" / f"{name}.ref.png"), cv2.IMREAD_UNCHANGED)
    truth = cv2.resize(reference.reshape(*reference.shape[:2], -1)[..., -1], rgb.shape[1::-1]) > 127
    cut = cut_out(rgb)
    sketch, alpha, reached = touch_up.sketch(rgb, cut.alpha), cut.alpha, [overlap(cut.alpha > 127, truth)]
    while len(reached) <= 5 and reached[-1] <= 0.97:
        drawn = next_stroke(alpha > 127, truth)
        assert drawn.width <= WIDEST
        sketch = touch_up.stroked(sketch, Stroke(drawn.mode, tuple(drawn.points), drawn.width))
        alpha, _ = touch_up.touched_up(rgb, cut.alpha, cut.foreground, sketch)
        reached.append(overlap(alpha > 127, truth))
    assert reached[-1] > 0.97, reached
