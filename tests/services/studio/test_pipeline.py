"""Recipes run on drawn products whose place and colours are known."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from services.errors import ServiceError
from services.studio import encoding, marketplaces, pipeline
from services.studio.framing import PictureTooLarge
from services.studio.marketplaces.scene import see
from services.studio.pipeline import Cancelled, Rendered, StepRefused, run
from services.studio.recipes import Output, parse_recipe


def photo(width: int = 600, height: int = 450, channels: int = 4) -> np.ndarray:
    """A dark red bottle of 120×300 pixels on light grey, as RGBA."""
    pixels = np.full((height, width, 4), (232, 233, 235, 255), np.uint8)
    left, top = width // 2 - 60, height // 2 - 150
    pixels[top : top + 300, left : left + 120, :3] = (150, 25, 30)
    pixels[top + 100 : top + 180, left + 20 : left + 100, :3] = (240, 220, 90)
    return pixels[..., :channels]


def cut(width: int = 400, height: int = 400) -> np.ndarray:
    """The same bottle, transparent around."""
    pixels = photo(width, height)
    pixels[..., 3] = np.where((pixels[..., :3] == (232, 233, 235)).all(axis=2), 0, 255)
    return pixels


def extent(pixels: np.ndarray) -> tuple[int, int, int, int]:
    """Where the product is on a plain background."""
    scene = see(pixels)
    assert scene.product_box is not None
    return scene.place(scene.product_box)


def make(source: np.ndarray, *steps: tuple[str, dict[str, Any]], **options: Any) -> Rendered:
    recipe = parse_recipe({"steps": [{"op": op, "params": params} for op, params in steps]})
    return run(source, recipe, cutout_model=None, **options)


def test_amazon_main_gives_pure_white_around_a_product_of_85_percent() -> None:
    rendered = make(photo(), ("background", {"preset": "amazon_main"}))
    data = encoding.encode(rendered.pixels, Output(format="jpeg"))
    again = encoding.decode(data)[..., :3]
    assert again.shape == (2000, 2000, 3)
    for edge in (again[:20], again[-20:], again[:, :20], again[:, -20:]):
        assert int(edge.min()) == 255
    left, top, right, bottom = extent(again)
    assert max(right - left, bottom - top) / 2000 == pytest.approx(0.85, abs=0.01)
    assert (left + right) / 2 == pytest.approx(1000, abs=10)
    assert all(result.passed for result in marketplaces.check(again, "image/jpeg", len(data), "amazon_main"))


@pytest.mark.parametrize("preset", marketplaces.PRESETS)
def test_every_preset_makes_what_its_own_rules_ask_for(preset: str) -> None:
    rendered = make(photo(), ("background", {"preset": preset}))
    data = encoding.encode(rendered.pixels, Output(format="jpeg"))
    pixels = encoding.decode(data)[..., :3]
    results = marketplaces.check(pixels, "image/jpeg", len(data), preset, product=rendered.product)
    assert [result.rule for result in results if not result.passed] == []


@pytest.mark.parametrize(
    ("side", "came_cut_out"),
    [("bottom", False), ("right", False), ("top", True), ("right", True), ("bottom", True), ("left", True)],
)
def test_a_product_that_its_photo_cuts_off_fails_the_marketplaces_rule(side: str, came_cut_out: bool) -> None:
    source = cut(600, 450) if came_cut_out else photo()
    source = {
        "top": source[150:],
        "right": source[:, :320],
        "bottom": source[:300],
        "left": source[:, 280:],
    }[side]
    rendered = make(source, ("background", {"preset": "amazon_main"}))
    results = marketplaces.check(rendered.pixels, "image/jpeg", 1, "amazon_main", product=rendered.product)
    result = next(result for result in results if result.rule == "cut_off")
    assert result.failed
    assert side in result.detail


def test_where_a_product_is_cut_off_turns_with_the_picture() -> None:
    rendered = make(photo()[:300], ("background", {"preset": "amazon_main"}), ("rotate", {"angle": 90}))
    assert rendered.product is not None
    assert rendered.product.cut_off == ("left",)


def test_a_cut_out_trimmed_to_its_product_is_not_taken_for_cut_off() -> None:
    trimmed = cut(120, 300)
    trimmed[100:, :30, 3] = trimmed[100:, 90:, 3] = 0
    rendered = make(trimmed, ("background", {"preset": "amazon_main"}))
    assert rendered.product is not None
    assert rendered.product.cut_off == ()


@pytest.mark.parametrize(
    ("preset", "shadow"),
    [
        pytest.param(preset.id, shadow, marks=() if shadow == "contact" and preset.fill == 0.85 else pytest.mark.soak)
        for preset in marketplaces.PRESETS.values()
        for shadow in preset.shadows
    ],
)
def test_what_a_marketplaces_card_offers_keeps_to_its_rules(preset: str, shadow: str) -> None:
    rendered = make(photo(), ("background", {"preset": preset, "shadow": shadow}))
    results = marketplaces.check(rendered.pixels, "image/jpeg", 1, preset, product=rendered.product)
    assert [result.detail for result in results if result.failed] == []


def test_a_reflection_is_not_a_white_background() -> None:
    rendered = make(photo(), ("background", {"preset": "amazon_main", "shadow": "reflection"}))
    results = marketplaces.check(rendered.pixels, "image/jpeg", 1, "amazon_main", product=rendered.product)
    assert [result.rule for result in results if result.failed] == ["background"]


@pytest.mark.parametrize(
    ("fill", "shadow"),
    [
        (0.85, "contact"),
        (0.94, "reflection"),
        pytest.param(0.85, "reflection", marks=pytest.mark.soak),
        pytest.param(0.94, "contact", marks=pytest.mark.soak),
    ],
)
def test_a_shadow_counts_neither_for_the_fill_nor_reaches_the_ring(fill: float, shadow: str) -> None:
    plain = make(photo(), ("background", {"preset": "amazon_main", "fill": fill}))
    grounded = make(
        photo(), ("background", {"preset": "amazon_main", "shadow": shadow, "shadow_strength": 1, "fill": fill})
    )
    assert grounded.subject_box == plain.subject_box
    assert np.array_equal(grounded.pixels[500:1500, 900:1100], plain.pixels[500:1500, 900:1100])
    assert not np.array_equal(grounded.pixels, plain.pixels)
    again = encoding.decode(encoding.encode(grounded.pixels, Output(format="jpeg")))
    for edge in (again[:20], again[-20:], again[:, :20], again[:, -20:]):
        assert int(edge.min()) == 255


def test_the_cut_out_keeps_the_size_and_reports_its_confidence() -> None:
    rendered = make(photo(), ("remove_background", {}))
    assert rendered.pixels.shape == (450, 600, 4)
    assert rendered.confidence is not None
    assert rendered.confidence > 0.5
    assert [(check.name, check.passed) for check in rendered.checks] == [("cutout_confidence", True)]
    assert rendered.pixels[5, 5, 3] == 0
    assert rendered.pixels[225, 300, 3] == 255
    assert [stage.name for stage in rendered.stages] == ["Removing the background"]


def test_a_transparent_picture_is_not_cut_out_again() -> None:
    rendered = make(cut(), ("remove_background", {}), ("background", {"color": "#00ff00", "size": 200}))
    assert rendered.confidence is None
    assert [stage.name for stage in rendered.stages] == ["Placing on the background"]
    assert rendered.pixels[2, 2].tolist() == [0, 255, 0]


def test_a_background_without_a_size_keeps_the_photo_and_the_product_in_place() -> None:
    rendered = make(cut(), ("background", {"color": "#102030"}))
    assert rendered.pixels.shape == (400, 400, 3)
    inside = cut()[..., 3] == 255
    assert np.array_equal(rendered.pixels[inside], cut()[..., :3][inside])
    assert (rendered.pixels[~inside] == (16, 32, 48)).all()


def test_a_gradient_runs_from_one_colour_to_the_other() -> None:
    blend = {"from": "#ff0000", "to": "#0000ff", "angle": 90}
    rendered = make(cut(), ("background", {"gradient": blend, "size": 300, "fill": 0.3}))
    assert np.allclose(rendered.pixels[10, 0], (255, 0, 0), atol=2)
    assert np.allclose(rendered.pixels[10, -1], (0, 0, 255), atol=2)


def test_a_picture_covers_the_background() -> None:
    scene = np.zeros((50, 100, 4), np.uint8)
    scene[..., 3], scene[:, :50, 0], scene[:, 50:, 2] = 255, 200, 200
    rendered = make(
        cut(), ("background", {"image_asset_id": "ast_1", "size": 200, "fill": 0.3}), pictures={"ast_1": scene}
    )
    assert rendered.pixels[5, 5].tolist() == [200, 0, 0]
    assert rendered.pixels[5, 195].tolist() == [0, 0, 200]


def test_a_missing_background_picture_is_named() -> None:
    with pytest.raises(StepRefused, match="background picture"):
        make(cut(), ("background", {"image_asset_id": "ast_gone"}))


def test_a_shadow_after_a_background_lies_between_background_and_product() -> None:
    params = {"color": "#ffffff", "size": 400}
    together = make(cut(), ("background", {**params, "shadow": "contact", "shadow_strength": 0.8}))
    apart = make(cut(), ("background", params), ("shadow", {"kind": "contact", "strength": 0.8}))
    assert np.array_equal(together.pixels, apart.pixels)


def test_a_shadow_on_a_cut_out_gets_the_room_it_needs_and_stays_transparent() -> None:
    tight = cut()[49:350, 140:260]
    rendered = make(tight, ("shadow", {"kind": "contact", "strength": 1}))
    assert rendered.pixels.shape[0] > 300
    assert rendered.pixels.shape[1] > 120
    below = rendered.pixels[303:313, rendered.pixels.shape[1] // 2]
    assert ((below[:, 3] > 20) & (below[:, 3] < 255)).all()
    assert (below[:, :3] < 10).all()


def test_a_shadow_on_a_photo_with_background_is_refused_with_a_way_out() -> None:
    with pytest.raises(StepRefused, match="Remove background"):
        make(photo(), ("shadow", {}))


def test_colour_steps_after_a_background_change_the_product_alone() -> None:
    before = make(cut(), ("background", {"color": "#808080", "size": 300}))
    after = make(cut(), ("background", {"color": "#808080", "size": 300}), ("adjust", {"brightness": 60}))
    assert after.pixels[3, 3].tolist() == [128, 128, 128]
    assert int(after.pixels[150, 150].sum()) > int(before.pixels[150, 150].sum())
    enhanced = make(cut(), ("background", {"preset": "amazon_main"}), ("enhance", {"strength": 1}))
    assert int(enhanced.pixels[:20].min()) == 255


def test_geometry_steps_follow_one_another_in_order() -> None:
    rendered = make(
        photo(600, 400),
        ("crop", {"ratio": "1:1"}),
        ("rotate", {"angle": 90}),
        ("resize", {"width": 100, "height": 50, "fit": "pad", "color": "#0000ff"}),
        ("upscale", {"factor": 2}),
    )
    assert rendered.pixels.shape == (100, 200, 3)
    assert np.allclose(rendered.pixels[50, 2], (0, 0, 255), atol=3)


def test_straightening_turns_a_tilted_line_upright() -> None:
    tilted = np.full((300, 300, 4), 255, np.uint8)
    matrix = cv2.getRotationMatrix2D((150, 150), 5, 1)
    line = np.full((300, 300, 3), 255, np.uint8)
    line[140:160] = 0
    tilted[..., :3] = cv2.warpAffine(line, matrix, (300, 300), borderValue=(255, 255, 255))
    straight = make(tilted, ("rotate", {"angle": 5})).pixels
    middle = straight.shape[0] // 2
    assert (straight[middle, 10:-10] < 30).all()
    assert (straight[middle - 20, 10:-10] > 220).all()


def test_tilted_corners_are_cropped_transparent_or_coloured() -> None:
    source = np.full((100, 200, 4), (90, 90, 90, 255), np.uint8)
    cropped = make(source, ("rotate", {"angle": 10})).pixels
    assert cropped.shape[2] == 3
    assert (abs(cropped.astype(int) - 90) <= 1).all()
    clear = make(source, ("rotate", {"angle": 10, "corners": "transparent"})).pixels
    assert clear[0, 0, 3] == 0
    assert clear[clear.shape[0] // 2, clear.shape[1] // 2].tolist() == [90, 90, 90, 255]
    colored = make(source, ("rotate", {"angle": 10, "corners": "color", "color": "#ff0000"})).pixels
    assert colored[0, 0].tolist() == [255, 0, 0]
    quarter = make(source, ("rotate", {"angle": 90, "corners": "transparent"})).pixels
    assert quarter.shape == (200, 100, 3)


def test_progress_never_goes_back_ends_at_one_and_names_the_stages() -> None:
    seen: list[tuple[str, float]] = []
    make(
        photo(),
        ("enhance", {}),
        ("background", {"preset": "ebay"}),
        on_progress=lambda stage, share: seen.append((stage, share)),
    )
    shares = [share for _, share in seen]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert list(dict.fromkeys(stage for stage, _ in seen)) == [
        "Enhancing",
        "Removing the background",
        "Placing on the background",
    ]


def test_a_cancelled_run_stops_at_once_even_inside_the_cut_out() -> None:
    with pytest.raises(Cancelled):
        make(photo(), ("enhance", {}), cancelled=lambda: True)
    calls = iter([False, False, True])
    reached: list[str] = []
    with pytest.raises(Cancelled):
        make(
            photo(),
            ("background", {"preset": "ebay"}),
            cancelled=lambda: next(calls, True),
            on_progress=lambda stage, share: reached.append(stage),
        )
    assert set(reached) == {"Removing the background"}


def test_a_large_photo_is_cut_out_no_larger_than_the_frame_needs_and_keeps_its_detail() -> None:
    small = photo(600, 450)
    large = cv2.resize(small, (4200, 3150), interpolation=cv2.INTER_NEAREST)
    rendered = make(large, ("background", {"preset": "ebay"}))
    assert rendered.subject_box is not None
    left, top, right, bottom = rendered.subject_box
    assert (bottom - top) / 1600 == pytest.approx(0.88, abs=0.01)
    assert (right - left) / (bottom - top) == pytest.approx(0.4, abs=0.02)
    assert rendered.doubts == ()


def test_a_small_product_in_a_large_photo_is_taken_from_the_photo_at_full_size() -> None:
    large = np.full((3000, 4000, 4), (235, 235, 235, 255), np.uint8)
    stripes = (np.arange(600) // 2 % 2 * 120 + 20).astype(np.uint8)
    large[1200:1800, 1700:2300, :3] = stripes[None, :, None]
    rendered = make(large, ("background", {"preset": "instagram_square", "shadow": "none"}))
    middle = rendered.pixels[540, 300:780, 0].astype(int)
    assert middle.max() - middle.min() > 60
    assert not any("enlarged" in doubt for doubt in rendered.doubts)


def test_a_product_that_had_to_be_enlarged_much_is_admitted() -> None:
    rendered = make(cut(), ("background", {"preset": "shopify"}))
    assert any("enlarged" in doubt for doubt in rendered.doubts)


@pytest.mark.parametrize(
    "source",
    [
        np.full((1, 1, 4), 255, np.uint8),
        np.full((1, 3000, 4), 128, np.uint8),
        np.full((3000, 2, 4), 128, np.uint8),
        np.zeros((40, 40, 4), np.uint8),
        np.full((300, 300, 4), 255, np.uint8),
        np.full((15, 15, 4), 200, np.uint8),
        np.dstack([np.zeros((50, 50, 3), np.uint8), np.eye(50, dtype=np.uint8) * 255]),
        np.random.default_rng(3).integers(0, 256, (64, 64, 4), np.uint8),
    ],
    ids=["1x1", "1x3000", "2x3000", "transparent", "white", "tiny", "hairline", "noise"],
)
@pytest.mark.parametrize(
    "step",
    [
        ("remove_background", {}),
        ("background", {"preset": "amazon_main"}),
        ("background", {"preset": "etsy"}),
        ("background", {"preset": "instagram_portrait", "shadow": "reflection"}),
        ("background", {"color": "#ffffff", "shadow": "reflection"}),
        ("shadow", {}),
        ("shadow", {"kind": "reflection"}),
        ("enhance", {"strength": 1}),
        ("adjust", {"brightness": 100, "contrast": -100, "saturation": -100}),
        ("crop", {"ratio": "1:1"}),
        ("rotate", {"angle": 33}),
        ("rotate", {"angle": 45}),
        ("resize", {"width": 64, "height": 64, "fit": "cover"}),
        ("resize", {"width": 64, "height": 64, "fit": "pad"}),
        ("upscale", {"factor": 3.3}),
    ],
    ids=lambda step: f"{step[0]}-{'-'.join(str(value) for value in step[1].values())}",
)
def test_odd_pictures_give_a_result_or_a_clear_refusal(source: np.ndarray, step: tuple[str, dict[str, Any]]) -> None:
    try:
        rendered = make(source, step)
    except ServiceError as error:
        assert error.status == 422
        assert error.message.endswith(".")
    else:
        assert rendered.pixels.ndim == 3
        assert rendered.pixels.dtype == np.uint8
        assert min(rendered.pixels.shape[:2]) >= 1


def test_a_result_that_would_be_too_large_is_refused_before_it_is_made() -> None:
    with pytest.raises(PictureTooLarge):
        make(np.zeros((3000, 3000, 4), np.uint8) + 255, ("upscale", {"factor": 4}))
    with pytest.raises(PictureTooLarge):
        make(np.zeros((10, 10, 4), np.uint8) + 255, ("resize", {"width": 10_000, "height": 10_000}))


def test_the_source_is_never_written_to() -> None:
    for source in (photo(), cut()):
        kept = source.copy()
        source.flags.writeable = False
        make(source, ("enhance", {}), ("adjust", {"contrast": 10}), ("background", {"preset": "ebay"}))
        make(source, ("crop", {"ratio": "1:1"}), ("rotate", {"angle": 3}), ("upscale", {}))
        assert np.array_equal(source, kept)


OTHERS = ("loafers", "watch", "hairdryer", "RoofBinoculars", "LensCleaningKit")


@pytest.mark.parametrize("name", ["mug", *(pytest.param(name, marks=pytest.mark.soak) for name in OTHERS)])
def test_real_photographs_become_amazon_main_images(name: str, photos: Any) -> None:
    source = encoding.decode((photos / f"{name}.jpg").read_bytes())
    rendered = make(source, ("background", {"preset": "amazon_main"}))
    data = encoding.encode(rendered.pixels, Output(format="jpeg"))
    again = encoding.decode(data)[..., :3]
    sold: marketplaces.Sold = "set" if name == "LensCleaningKit" else "one"
    results = marketplaces.check(again, "image/jpeg", len(data), "amazon_main", product=rendered.product, sold=sold)
    cut_off = ["cut_off"] if name == "hairdryer" else []  # its cable leaves the photo
    assert [result.rule for result in results if not result.passed] == cut_off
    assert rendered.subject_box is not None
    left, top, right, bottom = rendered.subject_box
    assert max(right - left, bottom - top) / 2000 == pytest.approx(0.85, abs=0.01)
    assert rendered.checks[0].passed


def test_a_model_that_is_not_there_is_said_in_words_and_charged_to_nobody(tmp_path: Path) -> None:
    blank = np.full((60, 60, 4), 255, np.uint8)
    with pytest.raises(StepRefused, match="Nothing was charged"):
        pipeline.run(
            blank,
            parse_recipe({"steps": [{"op": "remove_background"}]}),
            models_home=tmp_path,
            cutout_model="u2net_custom",
        )
