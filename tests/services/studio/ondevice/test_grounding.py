"""Shadows and reflections: where they fall and where they do not."""

import numpy as np
import pytest

from services.studio.ondevice import grounding

FRAME = (400, 400)


def box_matte() -> np.ndarray:
    return np.full((200, 100), 255, np.uint8)


def on_frame(layer: grounding.Layer) -> np.ndarray:
    """The layer's matte on a frame of 400×400."""
    whole = np.zeros((1200, 1200), np.uint8)
    rows, columns = layer.alpha.shape
    whole[400 + layer.top : 400 + layer.top + rows, 400 + layer.left : 400 + layer.left + columns] = layer.alpha
    return whole[400:800, 400:800]


def test_a_contact_shadow_is_darkest_at_the_contact_and_fades_away() -> None:
    shade = on_frame(grounding.contact_shadow(box_matte(), 150, 100, FRAME, 0.8, 0))
    column = shade[300:, 200].astype(int)
    assert column[0] > 100
    assert column[0] > column[5] > column[15] > column[40]
    assert column[60] == 0
    assert int(shade[:200].max()) == 0


def test_a_contact_shadow_follows_the_feet_and_spares_the_arch() -> None:
    table = box_matte()
    table[100:, 20:80] = 0
    shade = on_frame(grounding.contact_shadow(table, 150, 100, FRAME, 0.8, 0))
    assert int(shade[301, 155]) > 80
    assert int(shade[301, 245]) > 80
    assert int(shade[205, 200]) < 15


def test_a_thing_that_lies_at_a_gentle_slope_has_its_shadow_all_along() -> None:
    torch = np.zeros((100, 300), np.uint8)
    for column in range(300):
        base = 99 - column // 5
        torch[base - 30 : base + 1, column] = 255
    shade = on_frame(grounding.contact_shadow(torch, 50, 100, FRAME, 0.8, 0))
    for column in (20, 150, 280):
        assert int(shade[100 + 99 - column // 5 + 2, 50 + column]) > 60


def test_strength_scales_the_shadow() -> None:
    weak = on_frame(grounding.contact_shadow(box_matte(), 150, 100, FRAME, 0.2, 0))
    strong = on_frame(grounding.contact_shadow(box_matte(), 150, 100, FRAME, 0.9, 0))
    assert 0 < int(weak.max()) < int(strong.max())


@pytest.mark.parametrize("kind", ["contact", "reflection"])
@pytest.mark.parametrize("scale", [1, 5])
def test_nothing_enters_the_clear_edge(kind: str, scale: int) -> None:
    matte = np.full((180 * scale, 360 * scale), 255, np.uint8)
    frame, place, clear = (400 * scale, 400 * scale), (20 * scale, 200 * scale), 10 * scale
    if kind == "contact":
        layer = grounding.contact_shadow(matte, *place, frame, 1.0, clear)
    else:
        layer = grounding.reflection(np.zeros((*matte.shape, 3), np.uint8), matte, *place, frame, 1.0, clear)
    rows, columns = np.nonzero(layer.alpha)
    assert rows.size
    safe = clear - 2 * scale
    x, y = columns + layer.left, rows + layer.top
    inside = (x >= 0) & (y >= 0) & (x < frame[0]) & (y < frame[1])
    assert int(x[inside].min()) >= safe
    assert int(x[inside].max()) < frame[0] - safe
    assert int(y[inside].max()) < frame[1] - safe


def test_a_reflection_mirrors_the_product_and_fades() -> None:
    rgb = np.zeros((200, 100, 3), np.uint8)
    rgb[150:] = (255, 0, 0)
    layer = grounding.reflection(rgb, box_matte(), 150, 100, FRAME, 0.6, 0)
    shade = on_frame(layer)
    assert int(shade[302, 200]) > int(shade[320, 200]) > int(shade[345, 200]) > 0
    assert int(shade[302, 200]) <= round(0.7 * 0.6 * 255)
    assert int(shade[:298].max()) == 0
    assert layer.rgb[305 - layer.top, 50].tolist() == [255, 0, 0]


def test_the_room_a_shadow_wants_grows_with_the_product() -> None:
    assert grounding.room("contact", 100, 200) == (6, 22)
    assert grounding.room("reflection", 100, 200) == (6, 54)
