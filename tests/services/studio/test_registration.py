"""What a result says of where the source's points are in it, held against marks that were drawn on the source."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from services.studio.comparison import Comparison, Registration, stored_comparison
from services.studio.operations import registry
from services.studio.pipeline import StepRefused, run
from services.studio.recipes import parse_recipe
from services.studio.rendered import Rendered
from tests.support.marked_products import GROUND, MARKS, RADIUS, found_marks, mark_at, marked_product

Steps = list[tuple[str, dict[str, Any]]]

NEAR = 0.15
"""Pixels of the source or the result, whichever are larger: whole pixels that a step rounds to are in what it says, so
that only resampling is left."""


def make(source: np.ndarray, steps: Steps, **others: np.ndarray) -> Rendered:
    recipe = parse_recipe({"steps": [{"op": op, "params": params} for op, params in steps]})
    return run(source, recipe, cutout_model=None, pictures=others)


def placed(registration: Registration, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = registration
    return a * x + c * y + e, b * x + d * y + f


def furthest_off(rendered: Rendered, width: int, height: int, size: float = 1.0) -> float:
    """By how many pixels the mark that fits worst lies beside where it is said to be; marks that lie outside or at the
    edge are left out."""
    registration = rendered.comparison.registration
    assert registration is not None
    rows, columns = rendered.pixels.shape[:2]
    a, b, c, d, _, _ = registration
    enlarged = float(
        np.linalg.norm([[a * columns / width, c * columns / height], [b * rows / width, d * rows / height]], 2)
    )
    room = 3 + 1.2 * enlarged * RADIUS * size * min(width, height)
    off = [0.0]
    for place, seen in zip(MARKS.values(), found_marks(rendered.pixels), strict=True):
        x, y = mark_at(place, width, height, size)
        across, down = placed(registration, x / width, y / height)
        wanted = across * columns, down * rows
        if room < wanted[0] < columns - room and room < wanted[1] < rows - room:
            assert not math.isnan(seen[0]), "a mark that should be there is not"
            off.append(math.dist(wanted, seen))
    return max(off) / max(1.0, enlarged)


ONE_STEP: list[Steps] = [
    [("crop", {"x": 0.11, "y": 0.07, "width": 0.83, "height": 0.79})],
    [("crop", {"ratio": "4:5"})],
    [("rotate", {"angle": 90})],
    [("rotate", {"angle": 180})],
    [("rotate", {"angle": -90})],
    [("rotate", {"angle": 3.5})],
    [("rotate", {"angle": 137, "corners": "transparent"})],
    [("rotate", {"angle": -12, "corners": "color"})],
    [("resize", {"width": 210})],
    [("resize", {"width": 500, "height": 260, "fit": "pad"})],
    [("resize", {"width": 300, "height": 300, "fit": "cover"})],
    [("resize", {"width": 260, "height": 390, "fit": "stretch"})],
    [("upscale", {"factor": 2.5})],
    [("adjust", {"brightness": 10})],
    [("enhance", {})],
    [("background", {"color": "#ffffff"})],
    [("background", {"size": "500x380", "fill": 0.7})],
    [("background", {"size": 150, "fill": 0.9})],
    [("background", {"preset": "amazon_main"})],
    [("shadow", {"kind": "contact"})],
    [("remove_background", {})],
]


TOUCHED_UP: Steps = [
    ("remove_background", {}),
    ("touch_up", {"strokes": [{"mode": "keep", "points": [[0.4, 0.5], [0.6, 0.5]]}]}),
]
BLACK = "ast_00000000000000000000000000000001"
TWO_SHOTS: Steps = [("two_shots", {"on_black": BLACK})]


@pytest.mark.parametrize("steps", ONE_STEP, ids=lambda steps: f"{steps[0][0]} {steps[0][1]}")
@pytest.mark.parametrize("size", [(330, 240), (240, 331)])
def test_each_operation_says_where_the_marks_went(steps: Steps, size: tuple[int, int]) -> None:
    rendered = make(marked_product(*size, transparent=True), steps)
    assert furthest_off(rendered, *size) < NEAR


def test_every_operation_of_this_machine_is_among_them() -> None:
    here = {operation.id for operation in registry.operations() if "on_device" in operation.engines}
    assert here <= {op for steps in [*ONE_STEP, TOUCHED_UP, TWO_SHOTS] for op, _ in steps}


side = st.integers(160, 420)
angle = st.floats(-360, 360).map(lambda degrees: round(degrees, 1))


def crops(most: float) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.builds(
        lambda x, y, width, height: ("crop", {"x": x, "y": y, "width": 1 - x - width, "height": 1 - y - height}),
        *[st.floats(0.01, most)] * 4,
    )


def turns(*corners: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.builds(
        lambda degrees, chosen: ("rotate", {"angle": degrees, "corners": chosen}), angle, st.sampled_from(corners)
    )


def resizes(*fits: str) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.builds(
        lambda width, height, fit: ("resize", {"width": width, "height": height, "fit": fit}),
        side,
        side,
        st.sampled_from(fits),
    )


placings = st.one_of(
    st.builds(
        lambda width, height, fill: ("background", {"size": f"{width}x{height}", "fill": fill}),
        side,
        side,
        st.floats(0.5, 0.95),
    ),
    st.just(("background", {"color": "#ffffff"})),
    st.just(("shadow", {"kind": "contact"})),
    st.just(("upscale", {"factor": 2})),
)
keeping = st.one_of(crops(0.05), turns("transparent", "color"), resizes("inside", "pad", "stretch"))
cutting = st.one_of(crops(0.2), turns("crop"), resizes("cover"))
# What may cut a mark comes last: nothing adds room around it after that, so a cut mark is one that meets the frame.
chains = st.builds(
    lambda *parts: [step for part in parts for step in part],
    st.lists(keeping, max_size=2),
    st.lists(placings, min_size=1, max_size=1),
    st.lists(turns("transparent", "color") | resizes("inside", "pad", "stretch"), max_size=1),
    st.lists(cutting, max_size=2),
)


@settings(max_examples=25)
@given(steps=chains)
def test_any_chain_of_operations_says_where_the_marks_went(steps: Steps) -> None:
    try:
        rendered = make(marked_product(330, 240, transparent=True), steps)
    except StepRefused:  # a shadow wants a cut-out
        assume(False)
    assert furthest_off(rendered, 330, 240) < 2 * NEAR


@pytest.mark.parametrize(
    ("width", "size", "steps"),
    [
        pytest.param(1600, 1.0, [("background", {"size": 400})], id="cut out at less than the photo's size"),
        pytest.param(1400, 0.2, [("background", {"size": 500})], id="the product taken from the full photo"),
        pytest.param(800, 0.8, [*TOUCHED_UP, ("background", {"size": 500})], id="corrected by hand"),
    ],
)
def test_a_photo_that_is_cut_out_on_the_way_says_it_too(width: int, size: float, steps: Steps) -> None:
    height = width * 3 // 4
    rendered = make(marked_product(width, height, size=size), steps)
    assert furthest_off(rendered, width, height, size) < NEAR


def test_of_two_shots_the_first_is_the_source() -> None:
    on_white = marked_product(640, 480)
    on_black = on_white.copy()
    on_black[(on_white[..., :3] == GROUND).all(axis=2)] = (14, 14, 14, 255)
    rendered = make(on_white, [*TWO_SHOTS, ("background", {"size": 500})], **{BLACK: on_black})
    assert furthest_off(rendered, 640, 480) < NEAR


def test_the_places_on_the_edge_lie_on_the_edge_and_the_busiest_comes_first() -> None:
    source = np.zeros((400, 400, 4), np.uint8)
    source[100:300, 100:300] = (80, 60, 40, 255)
    source[180:220:4, 300:340] = (80, 60, 40, 255)  # a fringe
    rendered = make(source, [("shadow", {"kind": "contact"})])
    places = rendered.comparison.edges
    assert 4 <= len(places) <= 6
    alpha = rendered.pixels[..., 3]
    rows, columns = alpha.shape
    for x, y in places:
        around = alpha[int(y * rows) - 3 : int(y * rows) + 4, int(x * columns) - 3 : int(x * columns) + 4]
        assert int(around.max()) == 255
        assert int(around.min()) < 128
    assert abs(places[0][0] * columns - 320) < 30
    assert abs(places[0][1] * rows - 200) < 30


def test_a_picture_without_a_product_of_its_own_has_no_edge() -> None:
    rendered = make(marked_product(330, 240), [("crop", {"ratio": "1:1"})])
    assert rendered.comparison.edges == ()


def test_what_is_kept_is_read_again() -> None:
    kept = Comparison((0.5, 0.0, 0.0, 0.5, 0.25, 0.25), ((0.25, 0.5), (0.75, 0.5)))
    assert stored_comparison({"comparison": kept.stored()}) == kept
    assert stored_comparison({"comparison": Comparison().stored()}) == Comparison()


@pytest.mark.parametrize(
    "kept",
    [
        None,
        "1 0 0 1 0 0",
        {},
        {"registration": [1, 0, 0, 1, 0], "edges": 3},
        {"registration": [1, 0, 0, 1, 0, "0"], "edges": [[0.5]]},
        {"registration": [1, 0, 0, 1, 0, math.nan], "edges": [[0.5, math.inf]]},
        {"registration": [1, 0, 0, 1, 0, 1e9], "edges": [[0.5, 1.5]]},
        {"registration": [0, 0, 0, 0, 0, 0], "edges": [None]},
        {"registration": [True, 0, 0, True, 0, 0], "edges": {}},
    ],
)
def test_what_cannot_be_true_is_not_believed(kept: object) -> None:
    assert stored_comparison({"comparison": kept}) == Comparison()
