"""Before and after on the screens: the product stands still while the slider moves, at any zoom."""

import io
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Theme, Visitor, axe_violations
from tests.e2e.studio import SLOW, make
from tests.support.marked_products import MARKS, found_marks, marked_product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

Color = tuple[int, int, int]


def seen(page: Page, side: str, colors: Iterable[Color] = MARKS) -> list[tuple[float, float]]:
    """Where the marks are in the window, with the slider all before or all after."""
    slider = page.get_by_role("slider")
    slider.press({"before": "End", "after": "Home"}[side])
    slider.blur()  # the ring of focus has a colour
    frame = page.locator(".frame")
    frame.evaluate("node => node.scrollIntoView({ block: 'center' })")  # clear of the header, which has colours too
    box = frame.bounding_box()
    assert box is not None
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB"))  # type: ignore[arg-type]
    return [(x + box["x"], y + box["y"]) for x, y in found_marks(shot, colors)]


def loaded(page: Page, width: int) -> None:
    """Wait until both pictures are there, at least so many pixels wide."""
    for side in (".after img", ".over img"):
        page.wait_for_function(
            """([side, width]) => [...document.querySelectorAll("*")].some((node) => {
              const picture = node.shadowRoot?.querySelector(side);
              return picture?.complete && picture.naturalWidth >= width;
            })""",
            arg=[side, width],
        )


def stands_still(page: Page, colors: Iterable[Color] = MARKS) -> bool:
    """Whether the marks are at the same places on both sides, once what was zoomed is painted."""
    for _ in range(20):
        pairs = list(zip(seen(page, "before", colors), seen(page, "after", colors), strict=True))
        if all(math.dist(*pair) < 1.5 for pair in pairs):
            return True
        page.wait_for_timeout(200)
    return False


@pytest.mark.parametrize(
    ("width", "theme", "title"),
    [(*WIDTHS_AND_THEMES[0], "Amazon main image"), (*WIDTHS_AND_THEMES[1], "Cut-out")],
)
def test_the_product_stands_still_between_before_and_after_at_any_zoom(
    shop_owner: Account, visit: Visitor, tmp_path: Path, width: int, theme: Theme, title: str
) -> None:
    photo = tmp_path / "marked.jpg"
    Image.fromarray(marked_product(1200, 900, radius=0.008)[..., :3]).save(photo, quality=95)
    window = visit(shop_owner, width=width, theme=theme)
    page = make(window, [photo], title=title)
    expect(page.get_by_role("slider", name="Compare marked.jpg before and after")).to_be_visible(timeout=SLOW)
    loaded(page, 1)
    assert stands_still(page), "in the frame of the result"

    page.get_by_role("button", name="Details").click()
    expect(page.get_by_role("heading", name="About this picture")).to_be_visible(timeout=SLOW)
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for color in MARKS:
        page.get_by_role("button", name="Fit").click()
        [(x, y)] = seen(page, "after", [color])
        page.mouse.move(x, y)
        page.keyboard.down("Control")
        page.mouse.wheel(0, -1000)
        page.keyboard.up("Control")
        expect(page.get_by_role("button", name="400%")).to_have_attribute("aria-pressed", "true")
        loaded(page, 1200)
        assert stands_still(page, [color]), "at 400%"

    page.get_by_role("button", name="Edge").click()
    expect(page.get_by_text("400%, edge 1 of")).to_be_visible()
    if title == "Cut-out":
        page.get_by_role("button", name="Magenta").click()
        expect(page.get_by_role("button", name="Magenta")).to_have_attribute("aria-pressed", "true")
    assert axe_violations(page) == []
    assert window.complaints == []
    assert window.asked_elsewhere == []
