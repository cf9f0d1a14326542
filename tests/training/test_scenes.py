"""Drawn scenes and their mattes."""

import numpy as np
import pytest

from training import scene
from training.objects import TRAINED
from training.scene import SETTINGS, Recipe, Scene, Unusable, draw

SIMPLE, SIZE = TRAINED.named("carton", "tin", "books"), (24, 24)
"""Few triangles and few pixels: the tests run the renderer uncompiled."""


def usable(recipe: Recipe, first_seed: int = 2, size: tuple[int, int] = SIZE) -> Scene:
    for seed in range(first_seed, first_seed + 60):
        try:
            return draw(seed, SIMPLE, SIMPLE, recipe, size)
        except Unusable:
            continue
    raise AssertionError(f"no scene of {recipe} in 60 seeds")


@pytest.mark.parametrize(
    ("subject", "setting"),
    [
        *(("any", setting) for setting in SETTINGS),
        ("glass", "room"),
        *(pytest.param("glass", setting, marks=pytest.mark.soak) for setting in SETTINGS if setting != "room"),
    ],
)
def test_the_composition_is_exactly_foreground_over_ground_and_no_product_lies_outside_its_coverage(
    subject: str, setting: str
) -> None:
    drawn = usable(Recipe(subject, setting))
    over = drawn.foreground + drawn.ground * (1 - drawn.alpha)[..., None]
    assert np.abs(over - drawn.composed).max() <= 1e-5 * max(1, float(drawn.composed.max()))
    assert drawn.picture.shape == (*SIZE, 3)
    assert drawn.picture.dtype == np.uint8
    for matte in (drawn.alpha, drawn.coverage):
        assert matte.shape == SIZE
        assert matte.min() >= -1e-6
        assert matte.max() <= 1 + 1e-6
    assert (drawn.alpha <= drawn.coverage + 1e-5).all()
    assert drawn.foreground[drawn.coverage == 0].max() == 0
    assert 0.005 < drawn.coverage.mean() < 0.95


def test_clear_glass_covers_more_than_it_hides() -> None:
    vessels = TRAINED.named("tin")
    found = []
    for seed in range(2, 40):
        try:
            found.append(draw(seed, vessels, SIMPLE, Recipe("glass", "plain"), SIZE))
        except Unusable:
            continue
        if len(found) == 2:
            break
    assert max(one.coverage.mean() / one.alpha.mean() for one in found) > 1.2


@pytest.mark.parametrize(
    "family",
    [
        "modelled_small_thing",
        pytest.param("modelled_furniture", marks=pytest.mark.soak),
        pytest.param("modelled_figure", marks=pytest.mark.soak),
    ],
)
def test_a_model_is_drawn_with_its_own_texture(family: str) -> None:
    """The stand-in's texture is noise: a product of one colour each side would have no grain."""
    recipe = Recipe("any", "plain")
    for seed in range(1, 60):
        try:
            drawn = draw(seed, TRAINED.named(family), SIMPLE, recipe, (48, 48))
        except Unusable:
            continue
        inside = drawn.composed[drawn.coverage > 0.99]
        if len(inside) > 200 and inside.std(0).max() > 0.05:
            return
    raise AssertionError("no grain in 60 seeds")


def test_the_same_seed_draws_the_same_scene_and_another_one_another() -> None:
    first, again = usable(Recipe("any", "plain"), 7), usable(Recipe("any", "plain"), 7)
    other = usable(Recipe("any", "plain"), 10)
    assert np.array_equal(first.picture, again.picture)
    assert np.array_equal(first.coverage, again.coverage)
    assert not np.array_equal(first.picture, other.picture)


def test_other_things_in_a_room_are_not_in_the_matte(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same draw with and without its other things: the picture changes, the matte stays."""
    full = usable(Recipe("any", "table"), 5)
    monkeypatch.setattr(scene.surroundings, "room", lambda *_: scene.EMPTY)
    bare = usable(Recipe("any", "table"), 5)
    assert np.array_equal(full.coverage, bare.coverage)
    assert not np.array_equal(full.composed, bare.composed)


def test_a_scene_need_not_be_square() -> None:
    assert usable(Recipe("any", "plain"), size=(20, 28)).picture.shape == (20, 28, 3)
