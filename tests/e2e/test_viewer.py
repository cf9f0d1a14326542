"""The viewer alone in a real Chromium: both sides lie over each other at every zoom, by mouse, touch and keyboard."""

import base64
import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from services.studio.pipeline import run
from services.studio.recipes import parse_recipe
from tests.e2e.mounted import Mounted
from tests.support.marked_products import MARKS, found_marks, marked_product

pytestmark = pytest.mark.browser

FILES = "http://pictures.test"
Mount = Callable[[str], Mounted]


def png(pixels: np.ndarray, longest: int | None = None) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if longest:
        image.thumbnail((longest, longest))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def shown(pixels: np.ndarray, name: str) -> dict[str, Any]:
    """A picture as the viewer gets it: a small preview at hand, the file at an address of its own."""
    preview = base64.b64encode(png(pixels, 400)).decode()
    height, width, channels = pixels.shape
    clear = channels == 4 and int(pixels[..., 3].min()) < 255
    return {
        "preview": f"data:image/png;base64,{preview}",
        "content": f"{FILES}/{name}.png",
        "width": width,
        "height": height,
        "clear": clear,
    }


class Viewer:
    """The viewer with two pictures, and what it asked for."""

    def __init__(self, component: Mounted, before: np.ndarray | None, after: np.ndarray, **more: Any) -> None:
        self.page, self.component, self.asked = component.page, component, list[str]()
        self.frame = component.page.locator(".frame")
        self.slider = component.page.get_by_role("slider")
        files = {"after": png(after)} | ({} if before is None else {"before": png(before)})

        def answer(route: Any) -> None:
            name = route.request.url.removeprefix(f"{FILES}/").removesuffix(".png")
            self.asked.append(name)
            route.fulfill(body=files[name], content_type="image/png")

        component.page.route(f"{FILES}/*", answer)
        self.data: dict[str, Any] = {
            "id": "ast_1",
            "name": "mug.jpg",
            "after": shown(after, "after"),
            "before": None if before is None else shown(before, "before"),
            "registration": None,
            "edges": [],
        } | more
        component.show(**self.data)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def loaded(self, *names: str) -> None:
        """Wait until these files are what is shown."""
        for name in names:
            side = {"before": ".over img", "after": ".after img"}[name]
            expect(self.page.locator(side)).to_have_attribute("src", f"{FILES}/{name}.png")
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def pixels(self) -> np.ndarray:
        """What the frame shows, one pixel for a pixel of the screen."""
        return np.asarray(Image.open(io.BytesIO(self.frame.screenshot())).convert("RGB"))

    def side(self, at: str) -> np.ndarray:
        """The same with the slider at an end: all before, or all after."""
        self.slider.press({"before": "End", "after": "Home"}[at])
        self.slider.blur()
        return self.pixels()

    def scale(self) -> float:
        """Screen pixels for one of the result."""
        return float(self.page.locator(".after img").evaluate("node => new DOMMatrix(node.style.transform).a"))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """What point of the result, in its pixels, is seen at (x, y) of the window."""
        found: list[float] = self.page.locator(".after img").evaluate(
            """(node, [x, y]) => {
              const frame = node.closest(".frame"), box = frame.getBoundingClientRect();
              const matrix = new DOMMatrix(node.style.transform);
              return [(x - box.left - frame.clientLeft - matrix.e) / matrix.a,
                      (y - box.top - frame.clientTop - matrix.f) / matrix.d];
            }""",
            [x, y],
        )
        return found[0], found[1]

    def middle(self) -> tuple[float, float]:
        box = self.frame.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def made(steps: list[dict[str, Any]], *, transparent: bool = True) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
    """(photo, result, what the viewer is told of both): by the real pipeline."""
    photo = marked_product(900, 700, transparent=transparent, radius=0.02)
    result = run(photo, parse_recipe({"steps": steps}), cutout_model=None)
    rows, columns = result.pixels.shape[:2]
    marks = [(x / columns, y / rows) for x, y in found_marks(result.pixels)]
    return photo, result.pixels, {"registration": result.comparison.registration, "edges": marks}


def plain(width: int, height: int, color: tuple[int, ...] = (90, 90, 90)) -> np.ndarray:
    return np.full((height, width, len(color)), color, np.uint8)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([{"op": "background", "params": {"preset": "amazon_main"}}], id="on a marketplace's frame"),
        pytest.param([{"op": "rotate", "params": {"angle": 24, "corners": "color"}}], id="turned"),
    ],
)
def test_a_mark_is_at_the_same_place_of_the_screen_before_and_after_at_every_zoom(
    mount: Mount, steps: list[dict[str, Any]]
) -> None:
    photo, result, known = made(steps, transparent=steps[0]["op"] == "background")
    viewer = Viewer(mount("kit/viewer"), photo, result, **known)

    pairs = [zip(found_marks(viewer.side("before")), found_marks(viewer.side("after")), strict=True)]
    assert [math.dist(*pair) < 1 for pair in pairs[0]] == [True] * 3, "the whole picture"
    for color in MARKS:
        viewer.press("Edge")
        viewer.loaded("before", "after")
        assert viewer.scale() == 4
        [seen_before], [seen_after] = (found_marks(viewer.side(side), [color]) for side in ("before", "after"))
        frame = viewer.pixels().shape
        assert math.dist(seen_before, seen_after) < 2, "half a pixel of the result at 400%"
        assert math.dist(seen_after, (frame[1] / 2, frame[0] / 2)) < 3, "an edge is looked at in the middle"


def test_the_slider_moves_by_keys_and_says_where_it_stands(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(40, 40), plain(40, 40))
    slider = viewer.page.get_by_role("slider", name="Compare mug.jpg before and after")
    slider.focus()
    viewer.page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "51% before, 49% after")
    assert viewer.page.locator(".over").evaluate("node => getComputedStyle(node).clipPath") == "inset(0px 49% 0px 0px)"
    viewer.page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0% before, 100% after")


def test_a_press_flips_between_before_and_after_and_so_does_holding(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(40, 40, (200, 0, 0)), plain(40, 40, (0, 0, 200)))
    flip = viewer.page.get_by_role("button", name="Show before")
    for at, pressed in ((100, "true"), (0, "false"), (100, "true")):
        flip.click()
        expect(flip).to_have_attribute("aria-pressed", pressed)
        expect(viewer.slider).to_have_value(str(at))
    flip.press("Enter")
    expect(viewer.slider).to_have_value("0")

    x, y = _middle_of(flip)
    viewer.page.mouse.move(x, y)
    viewer.page.mouse.down()
    expect(flip).to_have_attribute("aria-pressed", "true")
    viewer.page.wait_for_timeout(500)
    viewer.page.mouse.up()
    expect(flip).to_have_attribute("aria-pressed", "false")


def test_the_ground_behind_a_cut_out_is_chosen_and_an_opaque_result_has_no_choice(mount: Mount) -> None:
    cut = plain(400, 300, (0, 120, 0, 0))
    cut[100:200, 150:250, 3] = 255
    viewer = Viewer(mount("kit/viewer"), plain(400, 300), cut)
    corners = {"White": {(255, 255, 255)}, "Black": {(0, 0, 0)}, "Magenta": {(255, 0, 255)}}
    for name, colors in {**corners, "Checker": {(255, 255, 255), (217, 217, 217)}}.items():
        viewer.press(name)
        expect(viewer.page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
        seen = viewer.side("after")
        ground = seen[30:90, 30:90].reshape(-1, 3)
        assert {tuple(int(level) for level in color) for color in np.unique(ground, axis=0)} >= colors
        assert np.abs(seen[seen.shape[0] // 2, seen.shape[1] // 2].astype(int) - (0, 120, 0)).max() <= 2

    opaque = Viewer(mount("kit/viewer"), plain(400, 300), plain(400, 300))
    expect(opaque.page.get_by_role("group", name="Ground behind the product")).to_be_hidden()


def test_files_are_loaded_only_for_a_close_look_and_then_show_their_own_pixels(mount: Mount) -> None:
    after = plain(1600, 1600, (255, 255, 255))
    after[::2] = 0
    viewer = Viewer(mount("kit/viewer"), plain(800, 800), after)
    viewer.page.wait_for_timeout(200)
    assert viewer.asked == []

    viewer.press("400%")
    viewer.loaded("after", "before")

    assert sorted(viewer.asked) == ["after", "before"]
    column = viewer.side("after")[20:60, 40, 0].astype(int)
    assert set(column) == {0, 255}, "four rows for each of the result, none of them mixed"
    changes = np.flatnonzero(np.diff(column))
    assert set(np.diff(changes)) == {4}


def test_wheel_and_keys_zoom_about_the_pointer_and_move_within_the_picture(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(2000, 1500), plain(2000, 1500), edges=[[0.5, 0.5]])
    page, (x, y) = viewer.page, viewer.middle()
    page.mouse.move(x - 90, y + 60)
    page.mouse.wheel(0, -300)
    expect(page.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "true")  # the page's own wheel

    before = viewer.at(x - 90, y + 60)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    page.wait_for_function("() => document.querySelector('div').shadowRoot.querySelector('.frame.close')")
    assert math.dist(before, viewer.at(x - 90, y + 60)) < 2
    page.mouse.wheel(0, -200)
    page.wait_for_function("() => document.querySelector('div').shadowRoot.querySelector('.scale').textContent > '1'")
    assert math.dist(before, viewer.at(x - 90, y + 60)) < 2

    viewer.press("200%")
    pane = page.locator(".pane")
    pane.focus()
    start = viewer.at(x, y)
    page.keyboard.press("ArrowRight")
    moved = viewer.at(x, y)
    assert (moved[0] - start[0], moved[1] - start[1]) == pytest.approx((32, 0), abs=0.01)
    page.keyboard.press("+")
    assert viewer.scale() == 4
    page.keyboard.press("+")
    assert viewer.scale() == 4
    for _ in range(200):
        page.keyboard.press("ArrowUp")
    assert viewer.at(x, viewer.frame.bounding_box()["y"] + 1)[1] == pytest.approx(0, abs=0.5)  # type: ignore[index]
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "true")


def test_a_drag_moves_the_divider_where_it_is_and_the_picture_elsewhere(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(2000, 1500), plain(2000, 1500))
    page, (x, y) = viewer.page, viewer.middle()
    _drag(page, (x - 200, y), (x - 100, y))
    expect(viewer.slider).not_to_have_value("50")
    expect(viewer.slider).to_be_focused()
    set_by_drag = viewer.slider.input_value()

    viewer.press("100%")
    start = viewer.at(x, y)
    _drag(page, (x + 100, y), (x + 160, y + 40))
    moved = viewer.at(x, y)
    assert (start[0] - moved[0], start[1] - moved[1]) == pytest.approx((60, 40), abs=1)
    expect(viewer.slider).to_have_value(set_by_drag)
    _drag(page, (x - 100, y), (x + 200, y))
    assert float(viewer.slider.input_value()) > float(set_by_drag) + 30
    assert viewer.at(x, y) == moved


def test_two_fingers_zoom_and_one_moves(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(2000, 1500), plain(2000, 1500))
    page, (x, y) = viewer.page, viewer.middle()
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        places = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    fit, held = viewer.scale(), viewer.at(x, y)
    fingers("touchStart", (x - 50, y))
    fingers("touchStart", (x - 50, y), (x + 50, y))
    for apart in (70, 100, 130, 150):
        fingers("touchMove", (x - apart, y), (x + apart, y))
    fingers("touchEnd")
    assert viewer.scale() / fit == pytest.approx(3, rel=0.02)
    assert math.dist(held, viewer.at(x, y)) < 3

    at = viewer.at(x, y)
    fingers("touchStart", (x + 150, y))
    for moved in (10, 20, 30):
        fingers("touchMove", (x + 150, y + moved))
    fingers("touchEnd")
    assert (at[1] - viewer.at(x, y)[1]) * viewer.scale() == pytest.approx(30, abs=1)


def test_without_a_registration_the_photo_is_shown_whole_and_in_the_middle(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(400, 200, (200, 0, 0)), plain(300, 300, (0, 0, 200)))
    seen = viewer.side("before")
    red = (seen[..., 0] > 150) & (seen[..., 2] < 60)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    height, width = seen.shape[:2]
    assert columns[-1] - columns[0] + 1 >= width - 4
    assert rows[-1] - rows[0] + 1 == pytest.approx(height / 2, abs=3)
    assert rows.mean() == pytest.approx(height / 2, abs=3)


def test_a_picture_alone_has_no_slider_and_can_be_zoomed(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), None, plain(800, 600))
    expect(viewer.slider).to_have_count(0)
    expect(viewer.page.get_by_role("button", name="Show before")).to_be_hidden()
    expect(viewer.page.get_by_role("button", name="Edge")).to_be_hidden()
    viewer.press("400%")
    assert viewer.scale() == 4
    expect(viewer.page.get_by_role("img", name="mug.jpg")).to_be_visible()


def test_a_redraw_leaves_the_view_as_it_is_and_another_picture_starts_anew(mount: Mount) -> None:
    viewer = Viewer(mount("kit/viewer"), plain(800, 600), plain(800, 600, (0, 0, 0, 100)))
    viewer.press("200%")
    viewer.press("Magenta")
    viewer.slider.focus()
    viewer.page.keyboard.press("End")

    viewer.component.show(**viewer.data)

    assert viewer.scale() == 2
    expect(viewer.slider).to_have_value("100")
    expect(viewer.page.get_by_role("button", name="Magenta")).to_have_attribute("aria-pressed", "true")
    viewer.component.show(**viewer.data | {"id": "ast_2"})
    expect(viewer.slider).to_have_value("50")
    expect(viewer.page.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "true")


def test_a_name_is_text_and_never_markup(mount: Mount) -> None:
    name = "<img src=x onerror='window.broken=1'>.jpg"
    viewer = Viewer(mount("kit/viewer"), plain(40, 40), plain(40, 40), name=name)
    expect(viewer.page.get_by_role("slider", name=name)).to_have_count(1)
    assert viewer.page.evaluate("window.broken") is None


def _middle_of(control: Locator) -> tuple[float, float]:
    box = control.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=4)
    page.mouse.up()
