"""Sizes and places."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.studio import framing
from services.studio.framing import Frame
from services.studio.ondevice.subject import Box, placed
from services.studio.operations import registry
from services.studio.operations.background import DEFAULT_FILL, BackgroundParams, fill_ratio
from services.studio.operations.crop import CropParams, kept_box
from services.studio.operations.resize import ResizeParams, resized
from services.studio.operations.rotate import RotateParams, largest_upright
from services.studio.recipes import expected_frame, parse_recipe

frames = st.builds(Frame, st.integers(1, 6000), st.integers(1, 6000))


@pytest.mark.parametrize(
    ("params", "box"),
    [
        (CropParams(ratio="1:1"), (50, 0, 150, 100)),
        (CropParams(ratio="1:1", anchor="left"), (0, 0, 100, 100)),
        (CropParams(ratio="1:1", anchor="right"), (100, 0, 200, 100)),
        (CropParams(ratio="4:1", anchor="bottom"), (0, 50, 200, 100)),
        (CropParams(x=0.25, y=0.5, width=0.5, height=0.5), (50, 50, 150, 100)),
        (CropParams(x=0.5, width=0.5, ratio="1:2"), (125, 0, 175, 100)),
    ],
)
def test_a_crop_keeps_the_box_or_the_largest_part_of_the_ratio(
    params: CropParams, box: tuple[int, int, int, int]
) -> None:
    assert kept_box(Frame(200, 100), params) == box


@given(frames, st.floats(0, 0.99), st.floats(0.001, 1), st.sampled_from(["1:1", "16:9", "1:100", "9999:1"]))
def test_a_crop_lies_inside_the_picture_and_is_never_empty(frame: Frame, x: float, width: float, ratio: str) -> None:
    left, top, right, bottom = kept_box(
        frame, CropParams(x=x, y=x, width=min(width, 1 - x), height=min(width, 1 - x), ratio=ratio)
    )
    assert 0 <= left < right <= frame.width
    assert 0 <= top < bottom <= frame.height


@pytest.mark.parametrize(
    ("params", "inner", "outer"),
    [
        (ResizeParams(width=50), (50, 25), (50, 25)),
        (ResizeParams(height=50), (100, 50), (100, 50)),
        (ResizeParams(width=100, height=100), (100, 50), (100, 50)),
        (ResizeParams(width=100, height=100, fit="cover"), (200, 100), (100, 100)),
        (ResizeParams(width=100, height=100, fit="pad"), (100, 50), (100, 100)),
        (ResizeParams(width=100, height=100, fit="stretch"), (100, 100), (100, 100)),
        (ResizeParams(width=1), (1, 1), (1, 1)),
    ],
)
def test_a_resize_keeps_covers_pads_or_stretches(
    params: ResizeParams, inner: tuple[int, int], outer: tuple[int, int]
) -> None:
    assert resized(Frame(200, 100), params) == (Frame(*inner), Frame(*outer))


def test_a_quarter_turn_swaps_the_sides_and_a_half_turn_does_not() -> None:
    assert registry.operation("rotate").frame(Frame(30, 20), RotateParams(angle=90)) == Frame(20, 30)
    assert registry.operation("rotate").frame(Frame(30, 20), RotateParams(angle=-180)) == Frame(30, 20)
    assert registry.operation("rotate").frame(Frame(30, 20), RotateParams(angle=360)) == Frame(30, 20)


@given(st.integers(20, 4000), st.integers(20, 4000), st.floats(0.5, 89.5))
def test_the_upright_part_of_a_tilted_picture_shows_no_corner(width: int, height: int, degrees: float) -> None:
    kept = largest_upright(Frame(width, height), degrees)
    angle = math.radians(degrees)
    for x, y in ((kept.width / 2, kept.height / 2), (kept.width / 2, -kept.height / 2)):
        back_x = abs(x * math.cos(angle) + y * math.sin(angle))
        back_y = abs(-x * math.sin(angle) + y * math.cos(angle))
        assert back_x <= width / 2 + 1
        assert back_y <= height / 2 + 1


def test_a_product_is_centred_and_spans_the_fill_of_the_tighter_side() -> None:
    scale, left, top = placed(Box(10, 10, 110, 60), (1000, 1000), 0.85)
    assert scale == pytest.approx(8.5)
    assert (left, top) == (pytest.approx(75), pytest.approx(287.5))


def test_the_fill_comes_from_fill_margin_preset_or_size_and_else_the_product_stays_put() -> None:
    assert fill_ratio(BackgroundParams(fill=0.6, preset="ebay")) == 0.6
    assert fill_ratio(BackgroundParams(margin=0.1)) == pytest.approx(0.8)
    assert fill_ratio(BackgroundParams(preset="amazon_main")) == 0.85
    assert fill_ratio(BackgroundParams(size=50)) == DEFAULT_FILL  # type: ignore[arg-type]
    assert fill_ratio(BackgroundParams(color="#ffffff")) is None


def test_the_size_of_a_result_is_known_before_it_is_made() -> None:
    steps = [
        {"op": "crop", "params": {"ratio": "1:1"}},
        {"op": "rotate"},
        {"op": "upscale", "params": {"factor": 3}},
        {"op": "resize", "params": {"width": 500}},
    ]
    assert expected_frame(Frame(300, 200), parse_recipe({"steps": steps})) == Frame(500, 500)
    assert expected_frame(Frame(300, 200), parse_recipe({"steps": [{"op": "shadow"}]})) is None
    fixed = [{"op": "shadow"}, {"op": "background", "params": {"preset": "ebay"}}]
    assert expected_frame(Frame(300, 200), parse_recipe({"steps": fixed})) == Frame(1600, 1600)


def test_a_result_beyond_fifty_megapixels_is_refused_with_the_figures() -> None:
    assert framing.within_limits(Frame(7000, 7000)) == Frame(7000, 7000)
    with pytest.raises(framing.PictureTooLarge, match="10000×10000"):
        framing.within_limits(Frame(10_000, 10_000))
