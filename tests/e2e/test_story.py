"""The product's story in a real browser: five phone photos become five marketplace-ready pictures."""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, Server, axe_violations, running_server
from tests.e2e.studio import PHOTOS_IN_STORY, SLOW, balance, cards, choose, drop, make_button

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server nobody used before, with a real worker."""
    with running_server(tmp_path_factory.mktemp("story")) as running:
        yield running


def sign_up(page: Page, url: str) -> None:
    page.goto(f"{url}/sign-up?next=/generate")
    page.get_by_label("E-mail").fill("anna@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("I accept the terms").check()
    page.get_by_role("button", name="Create my account").click()
    expect(page.get_by_role("heading", name="Create", exact=True)).to_be_visible(timeout=SLOW)


def progress_seen(page: Page, until_done: int) -> set[str]:
    """Every value the overall bar shows until that many pictures are done."""
    seen: set[str] = set()
    deadline = time.monotonic() + 180
    bar = page.locator(".overall")
    while cards(page, "done").count() < until_done and time.monotonic() < deadline:
        seen.add(bar.get_attribute("aria-valuenow", timeout=SLOW) or "")
        time.sleep(0.05)
    return seen


def assert_no_violations(page: Page) -> None:
    assert axe_violations(page) == []


def test_five_phone_photos_become_five_amazon_pictures(fresh: Server, chromium: Browser, photos: Path) -> None:
    context = chromium.new_context(
        viewport={"width": 1440, "height": 1000}, color_scheme="light", accept_downloads=True
    )
    page = context.new_page()
    loads: list[str] = []
    page.on("framenavigated", lambda frame: loads.append(frame.url) if frame is page.main_frame else None)
    page.on("load", lambda loaded: loads.append("load"))
    sign_up(page, fresh.url)
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)

    drop(page, [photos / name for name in PHOTOS_IN_STORY])
    choose(page, "Amazon main image")
    button = make_button(page, 5, "5 credits")
    assert_no_violations(page)
    page.evaluate("window.sameDocument = true")
    button.click()
    expect(cards(page)).to_have_count(5, timeout=SLOW)
    seen = progress_seen(page, until_done=5)

    assert len(seen) >= 4, f"the overall bar only ever showed {seen}"
    assert page.evaluate("window.sameDocument") is True, "the page was loaded again while the jobs ran"
    expect(cards(page, "succeeded")).to_have_count(5)
    expect(page.locator(".headline")).to_have_text("All 5 done")
    expect(page.get_by_text("Amazon main image: Passes all 10 rules")).to_be_visible(timeout=SLOW)

    compare = page.get_by_role("slider", name="Compare mug.jpg before and after")
    compare.focus()
    page.keyboard.press("Home")
    expect(compare).to_have_attribute("aria-valuetext", "0% before, 100% after")
    page.keyboard.press("End")
    expect(compare).to_have_attribute("aria-valuetext", "100% before, 0% after")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download JPEG").click()
    picture = Image.open(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert (picture.format, picture.size) == ("JPEG", (2000, 2000))
    assert download.value.suggested_filename == "mug-amazon-main.jpg"
    expect(balance(page)).to_have_text("8 credits", timeout=SLOW)
    assert_no_violations(page)

    page.reload()
    expect(cards(page, "succeeded")).to_have_count(5, timeout=SLOW)
    expect(balance(page)).to_have_text("8 credits")

    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.get_by_role("slider", name="Compare mug.jpg before and after")).to_be_visible(timeout=SLOW)
    assert_no_violations(page)
    for path, heading in (("/generate", "Create"), ("/gallery", "Gallery")):
        page.goto(fresh.url + path)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible(timeout=SLOW)
        expect(page.locator(".tile, .cards label").first).to_be_visible(timeout=SLOW)
        assert_no_violations(page)
    context.close()
