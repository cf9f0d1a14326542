"""Two photos of a thing, on white and on black paper, against the alpha they were drawn with."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from services.studio import pipeline
from services.studio.recipes import parse_recipe
from services.studio.rendered import Rendered
from tests.support.two_shot_pairs import KINDS, Array, Camera, Pair, Pixels, any_camera, draw_pair, moved

STILL = Camera(noise=1.0, quality=95)
MANY = [pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 13)]


def rgba(picture: Pixels) -> Pixels:
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


def cut(first: Pixels, second: Pixels, *then: dict[str, object]) -> Rendered:
    """What the operation makes of two pictures, RGB or RGBA, with steps after it."""
    recipe = parse_recipe({"steps": [{"op": "two_shots", "params": {"on_black": "ast_2"}}, *then]})
    one, other = (picture if picture.shape[2] == 4 else rgba(picture) for picture in (first, second))
    return pipeline.run(one, recipe, pictures={"ast_2": other}, cutout_model=None)


def alpha_of(rendered: Rendered) -> Array:
    return rendered.pixels[..., 3].astype(np.float32) / 255


def off(rendered: Rendered, pair: Pair) -> float:
    """Mean absolute error of alpha, 0..1."""
    return float(np.abs(alpha_of(rendered) - pair.alpha).mean())


@pytest.mark.parametrize("seed", [0, *MANY])
@pytest.mark.parametrize("kind", KINDS)
def test_alpha_is_that_of_the_drawing_however_the_second_shot_was_moved_and_exposed(kind: str, seed: int) -> None:
    pair = draw_pair(kind, seed)

    made = cut(pair.white, pair.black)

    assert off(made, pair) <= 0.03
    assert made.confidence is not None and made.confidence >= pipeline.CONFIDENCE_THRESHOLD
    assert made.cut_out_by == "two photos"


@pytest.mark.parametrize("corner", [(6.0, 6.0, 1.0), (-6.0, 6.0, -1.0)])
def test_the_bounds_of_misalignment_hold_at_two_megapixels(corner: tuple[float, float, float]) -> None:
    right, down, turn = corner
    pair = draw_pair("glass", 3, Camera(shift=(right, down), turn=turn, exposure=1.3, noise=2), (1250, 1600))

    assert off(cut(pair.white, pair.black), pair) <= 0.03


def test_the_shots_may_come_the_wrong_way_round() -> None:
    camera = any_camera(4)
    pair = draw_pair("lace", 4, camera)
    there = moved(pair.alpha, camera)

    made = cut(pair.black, pair.white)

    assert float(np.abs(alpha_of(made) - there).mean()) <= 0.03
    assert made.doubts == ()


def test_the_second_shot_may_have_another_size() -> None:
    pair = draw_pair("mesh", 5)
    larger = cv2.resize(pair.black, None, fx=1.25, fy=1.25, interpolation=cv2.INTER_CUBIC)

    assert off(cut(pair.white, larger), pair) <= 0.03


def test_the_colours_are_the_things_own_on_either_paper() -> None:
    pair = draw_pair("glass", 1, STILL)

    made = cut(pair.white, pair.black)

    away = np.abs(made.pixels[..., :3].astype(np.float32) - pair.colour).mean(axis=2)
    assert float((away * pair.alpha).sum() / pair.alpha.sum()) < 10
    opaque = pair.alpha > 0.99
    assert float(away[opaque].mean()) < 3


def test_what_the_paper_shows_through_is_seen_on_a_new_ground() -> None:
    pair = draw_pair("glass", 2, STILL)
    blue = {"op": "background", "params": {"color": "#0000ff"}}

    made = cut(pair.white, pair.black, blue)

    alpha = pair.alpha[..., None]
    expected = pair.colour * alpha + np.array([0, 0, 255]) * (1 - alpha)
    assert made.pixels.shape[2] == 3
    assert float(np.abs(made.pixels - expected).mean()) < 4


def test_a_shadow_on_the_white_paper_is_no_product() -> None:
    pair = draw_pair("opaque", 6, Camera(shadow=0.4))

    made = alpha_of(cut(pair.white, pair.black))

    beside = cv2.dilate((pair.alpha > 0.004).astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    assert float(made[beside].mean()) < 0.002
    assert float(made[pair.alpha > 0.99].mean()) > 0.995


def test_paper_is_left_empty_and_what_hides_it_full() -> None:
    pair = draw_pair("hair", 7, Camera(noise=2.5, quality=85))

    made = cut(pair.white, pair.black).pixels[..., 3]

    far = cv2.dilate((pair.alpha > 0.004).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    core = cv2.erode((pair.alpha > 0.999).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (made[far] == 0).all()
    assert float((made[core] == 255).mean()) > 0.98


def refused(first: Pixels, second: Pixels) -> tuple[str, str]:
    with pytest.raises(pipeline.StepRefused) as refusal:
        cut(first, second)
    return refusal.value.code, str(refusal.value)


def test_one_photo_given_twice_is_refused_for_its_paper() -> None:
    pair = draw_pair("glass", 1, STILL)

    for photo in (pair.white, pair.black):
        code, words = refused(photo, photo)
        assert code == "papers_alike"
        assert "other paper" in words


@pytest.mark.parametrize(("kind", "other"), [("glass", "mesh"), ("lace", "opaque"), ("opaque", "opaque")])
def test_photos_of_different_things_are_refused(kind: str, other: str) -> None:
    code, words = refused(draw_pair(kind, 1).white, draw_pair(other, 2).black)

    assert code == "photos_differ"
    assert "tripod" in words


def test_a_thing_that_was_moved_far_is_refused() -> None:
    pair = draw_pair("glass", 2, Camera(shift=(150, 0), turn=12))

    assert refused(pair.white, pair.black)[0] == "photos_differ"


def test_photos_of_different_shapes_are_refused() -> None:
    pair = draw_pair("mesh", 1)

    code, words = refused(pair.white, np.ascontiguousarray(pair.black.swapaxes(0, 1)))

    assert (code, "crop" in words) == ("photos_differ", True)


def test_a_photo_that_has_lost_its_paper_is_refused() -> None:
    pair = draw_pair("mesh", 1)
    cut_already = np.dstack([pair.white, (pair.alpha * 255).astype(np.uint8)])

    assert "paper" in refused(cut_already, pair.black)[1]
    assert "paper" in refused(pair.black, cut_already)[1]


def test_empty_papers_have_no_product() -> None:
    white, black = np.full((300, 400, 3), 236, np.uint8), np.full((300, 400, 3), 28, np.uint8)

    assert refused(white, black)[0] == "no_product"


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (63, 63)])
def test_a_photo_too_small_to_learn_from_is_refused(shape: tuple[int, int]) -> None:
    photo = np.full((*shape, 3), 230, np.uint8)

    assert "small" in refused(photo, photo)[1]


def test_pictures_without_any_plain_paper_are_refused() -> None:
    rng = np.random.default_rng(0)
    light, dark = rng.integers(150, 256, (300, 400, 3), np.uint8), rng.integers(0, 100, (300, 400, 3), np.uint8)

    assert refused(light, dark)[0] == "no_paper"


def crumpled(picture: Pixels) -> Pixels:
    """The same with paper of strong folds."""
    height, width = picture.shape[:2]
    folds = np.random.default_rng(1).uniform(0.55, 1.0, (9, 12)).astype(np.float32)
    return (picture * cv2.resize(folds, (width, height), interpolation=cv2.INTER_NEAREST)[..., None]).astype(np.uint8)


def lit_from_one_side(picture: Pixels) -> Pixels:
    """The same with a lamp that shines on a part of it."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    lamp = 200 * np.exp(-((x - width * 0.42) ** 2 + (y - height * 0.5) ** 2) / (0.12 * width) ** 2)
    return np.clip(picture + lamp[..., None], 0, 255).astype(np.uint8)


def as_it_is(picture: Pixels) -> Pixels:
    return picture


@pytest.mark.parametrize(
    ("on_white", "on_black", "says"),
    [(crumpled, as_it_is, "plain paper"), (as_it_is, lit_from_one_side, "brighter on black paper")],
)
def test_what_may_be_wrong_is_said_with_what_to_do(
    on_white: Callable[[Pixels], Pixels], on_black: Callable[[Pixels], Pixels], says: str
) -> None:
    pair = draw_pair("opaque", 3, STILL)

    made = cut(on_white(pair.white), on_black(pair.black))

    assert any(says in doubt for doubt in made.doubts), made.doubts
    assert made.confidence is not None and made.confidence < pipeline.CONFIDENCE_THRESHOLD


def test_a_thing_as_black_as_its_paper_is_cut_out_with_a_word_about_it() -> None:
    pair = draw_pair("hair", 1)

    made = cut(pair.white, pair.black)

    assert any("hardly shows" in doubt for doubt in made.doubts)
    assert made.confidence is not None and made.confidence >= pipeline.CONFIDENCE_THRESHOLD
