"""The touch-up editor in a real Chromium: by mouse, by touch and by keys, on doubtful photographs and on drawn ones."""

import base64
import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Theme, Visit, Visitor, axe_violations
from tests.e2e.studio import SLOW, balance, cards, make
from tests.support.stroking import WIDEST, Drawn, next_stroke, overlap

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

VASE = (360, 480)
Place = Callable[[tuple[float, float]], tuple[float, float]]
"""From shares of the photo to pixels of the window."""

ALPHA = """async () => {
  const id = new URLSearchParams(location.search).get("id");
  const kept = JSON.parse(sessionStorage.getItem(`vt-touch-up.${id}`) || '{"strokes": []}');
  const token = (await (await fetch("/auth/csrf")).json()).csrf;
  const answer = await fetch(`/editor/touch-up/${id}/alpha`, {
    method: "POST", body: JSON.stringify({ strokes: kept.strokes }), headers: { "X-CSRF-Token": token },
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}"""


@pytest.fixture(scope="module")
def vase(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small product photo: a dark vase on light grey."""
    picture = Image.new("RGB", VASE[::-1], (236, 236, 234))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((160, 120, 310, 320), fill=(40, 70, 110))
    draw.rectangle((205, 60, 265, 180), fill=(40, 70, 110))
    path = tmp_path_factory.mktemp("vase") / "vase.jpg"
    picture.save(path, quality=92)
    return path


def opened(window: Visit, photo: Path) -> Page:
    """The editor on a new cut-out of the photo."""
    page = make(window, [photo], title="Cut-out")
    page.get_by_role("button", name="Touch up").click()
    shows(page, 0)
    return page


def shows(page: Page, strokes: int) -> None:
    """Wait until the editor shows the cut-out after so many strokes."""
    expect(page.locator(f".editor canvas[data-shown='{strokes}']")).to_be_visible(timeout=SLOW)
    expect(page.locator(".editor .said")).not_to_contain_text("Working", timeout=SLOW)


def alpha_of(page: Page) -> np.ndarray:
    """The alpha that the editor shows, H×W uint8."""
    with Image.open(io.BytesIO(base64.b64decode(page.evaluate(ALPHA)))) as image:
        return np.asarray(image)


def place_on(page: Page, shape: tuple[int, ...]) -> Place:
    """Where the photo lies while all of it is shown, with the canvas brought into sight."""
    canvas = page.locator(".editor canvas")
    canvas.evaluate("node => node.scrollIntoView({ block: 'center' })")
    box = canvas.bounding_box()
    assert box
    scale = min(box["width"] / shape[1], box["height"] / shape[0])
    left = box["x"] + (box["width"] - shape[1] * scale) / 2
    top = box["y"] + (box["height"] - shape[0] * scale) / 2
    return lambda point: (left + point[0] * shape[1] * scale, top + point[1] * shape[0] * scale)


def pick_brush(page: Page, drawn: Drawn) -> None:
    page.get_by_role("radio", name=drawn.mode.capitalize(), exact=True).click()
    page.get_by_label("Size").fill(f"{max(1.0, round(drawn.width * 200) / 2):g}")


def by_mouse(page: Page, drawn: Drawn, shape: tuple[int, ...]) -> None:
    place = place_on(page, shape)
    first, *others = map(place, drawn.points)
    page.mouse.move(*first)
    page.mouse.down()
    for point in others:
        page.mouse.move(*point)
    page.mouse.up()


def touching(page: Page) -> CDPSession:
    """Chromium's own hands, on a screen that takes two fingers until it is detached."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    return session


def by_touch(page: Page, drawn: Drawn, shape: tuple[int, ...]) -> None:
    place, session = place_on(page, shape), touching(page)

    def finger(kind: str, *points: tuple[float, float]) -> None:
        told = [{"x": x, "y": y, "id": 1} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})

    first, *others = map(place, drawn.points)
    finger("touchStart", first)
    for point in others:
        finger("touchMove", point)
    finger("touchEnd")
    session.detach()


def by_keys(page: Page, drawn: Drawn, shape: tuple[int, ...]) -> None:
    """With the arrows alone: the brush moves by a hundredth of the longer side, from where it was."""
    step = 0.01 * max(shape)
    at = np.array(page.evaluate("window.brushAt || [0.5, 0.5]")) * (shape[1], shape[0]) / step
    canvas = page.locator(".editor canvas")
    canvas.focus()
    for number, point in enumerate(drawn.points):
        goal = np.array(point) * (shape[1], shape[0]) / step
        for axis, keys in enumerate((("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown"))):
            for _ in range(round(abs(goal[axis] - at[axis]))):
                way = 1 if goal[axis] > at[axis] else -1
                page.keyboard.press(keys[way > 0])
                at[axis] += way
        if number == 0:
            page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.evaluate("at => { window.brushAt = at; }", list(at * step / (shape[1], shape[0])))


def truth_of(photo: Path, shape: tuple[int, ...]) -> np.ndarray:
    reference = cv2.imread(str(photo.with_suffix(".ref.png")), cv2.IMREAD_UNCHANGED)
    grey = reference.reshape(*reference.shape[:2], -1)[..., -1]
    return cv2.resize(grey, shape[1::-1], interpolation=cv2.INTER_AREA) > 127


@pytest.mark.parametrize(
    ("name", "hand"), [("armchair-room", "mouse"), ("cactus-pot", "touch"), ("jeans-street", "keys")]
)
def test_five_strokes_mend_a_doubtful_photograph_and_undo_is_exact(
    name: str, hand: str, shop_owner: Account, visit: Visitor, photos: Path
) -> None:
    photo = photos / "shop" / f"{name}.jpg"
    page = opened(visit(shop_owner), photo)
    alpha = alpha_of(page)
    truth = truth_of(photo, alpha.shape)
    reached, shown = [overlap(alpha > 127, truth)], [alpha]
    while reached[-1] <= 0.97 and len(reached) <= 5:
        drawn = next_stroke(alpha > 127, truth)
        assert drawn.width <= WIDEST
        pick_brush(page, drawn)
        {"mouse": by_mouse, "touch": by_touch, "keys": by_keys}[hand](page, drawn, alpha.shape)
        shows(page, len(reached))
        alpha = alpha_of(page)
        reached.append(overlap(alpha > 127, truth))
        shown.append(alpha)
    assert reached[-1] > 0.97, reached

    for number in range(len(shown) - 2, -1, -1):
        page.keyboard.press("Control+z")
        shows(page, number)
        assert (alpha_of(page) == shown[number]).all()
    for number in range(1, len(shown)):
        page.get_by_role("button", name="Redo").click()
        shows(page, number)
    assert (alpha_of(page) == shown[-1]).all()


def test_a_doubtful_cut_out_is_charged_once_it_is_said_to_be_good(
    shop_owner: Account, visit: Visitor, photos: Path
) -> None:
    page = opened(visit(shop_owner), photos / "shop" / "cactus-pot.jpg")
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)
    expect(page.get_by_role("button", name="It is good: use 1 credit")).to_be_disabled()
    shape = alpha_of(page).shape
    by_mouse(page, Drawn("keep", 0.04, [(0.4, 0.7), (0.45, 0.8)]), shape)
    shows(page, 1)

    page.get_by_role("button", name="It is good: use 1 credit").click()

    expect(cards(page, "done")).to_have_count(1, timeout=SLOW)
    expect(balance(page)).to_have_text("12 credits", timeout=SLOW)
    page.get_by_role("button", name="Touch up").click()
    shows(page, 1)
    page.get_by_role("button", name="Undo").click()
    shows(page, 0)
    by_mouse(page, Drawn("keep", 0.04, [(0.42, 0.6), (0.45, 0.7)]), shape)
    shows(page, 1)
    page.get_by_role("button", name="Save · free").click()
    expect(cards(page, "done")).to_have_count(1, timeout=SLOW)
    expect(balance(page)).to_have_text("12 credits", timeout=SLOW)


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_the_editor_is_whole_at_every_width_and_without_fault(
    width: int, theme: Theme, shop_owner: Account, visit: Visitor, vase: Path
) -> None:
    window = visit(shop_owner, width=width, theme=theme)
    page = opened(window, vase)
    assert not axe_violations(page)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    page.locator(".editor canvas").focus()
    page.keyboard.press("e")
    expect(page.get_by_role("radio", name="Erase", exact=True)).to_be_checked()
    page.keyboard.press("]")
    expect(page.get_by_label("Size")).to_have_value("4.5")
    page.keyboard.press("+")
    expect(page.locator(".editor .scale")).to_have_text("150%")
    page.keyboard.press("0")
    expect(page.locator(".editor .scale")).to_have_text("100%")
    page.get_by_role("radio", name="Remove object").click()
    by_mouse(page, Drawn("remove", 0.04, [(0.48, 0.6)]), VASE)
    shows(page, 1)
    assert alpha_of(page).max() < 128

    page.reload()
    shows(page, 1)
    page.get_by_role("button", name="Undo").click()
    shows(page, 0)
    expect(page.get_by_role("button", name="Save · free")).to_be_disabled()
    assert not window.complaints
    assert not window.asked_elsewhere


def test_two_fingers_move_and_zoom_the_picture_and_draw_nothing(
    shop_owner: Account, visit: Visitor, vase: Path
) -> None:
    page = opened(visit(shop_owner, width=375), vase)
    x, y = place_on(page, VASE)((0.5, 0.5))
    session = touching(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x + side * apart, "y": y, "id": side + 2} for side in (-1, 1)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.detach()
    expect(page.locator(".editor .scale")).to_have_text("300%")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_session_that_ended_is_said_and_the_strokes_are_kept(shop_owner: Account, visit: Visitor, vase: Path) -> None:
    page = opened(visit(shop_owner), vase)
    cookies = page.context.cookies()
    page.context.clear_cookies()
    by_mouse(page, Drawn("keep", 0.04, [(0.1, 0.1), (0.2, 0.1)]), VASE)
    expect(page.locator(".editor .said")).to_contain_text("Your session has ended", timeout=SLOW)
    page.context.add_cookies(cookies)
    by_mouse(page, Drawn("keep", 0.04, [(0.1, 0.9), (0.2, 0.9)]), VASE)
    shows(page, 2)
