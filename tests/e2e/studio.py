"""What the browser tests of the studio's screens do again and again."""

from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visit

PHOTOS_IN_STORY = ("mug.jpg", "loafers.jpg", "watch.jpg", "hairdryer.jpg", "RoofBinoculars.jpg")
SLOW = 60_000


def drop(page: Page, files: Sequence[Path]) -> None:
    """Give files to the drop zone."""
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files([str(file) for file in files])


def tick(page: Page, name: str) -> None:
    """Tick the checkbox of that name."""
    _set(page, page.get_by_role("checkbox", name=name))


def _set(page: Page, box: Locator) -> None:
    """Set a checkbox or radio as a person does: again, if the screen was just being redrawn under the pointer."""
    for _ in range(8):
        if not box.is_checked():
            box.dispatch_event("click")
        page.wait_for_timeout(500)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=SLOW)
        if box.is_checked():  # still, now that the screen shows what belongs to it
            return
    expect(box).to_be_checked()


def make_button(page: Page, pictures: int, price: str) -> Locator:
    """The button with that price on it, once it shows."""
    words = f"Make {pictures} picture{'' if pictures == 1 else 's'} · {price}"
    button = page.get_by_role("button", name=words, exact=True)
    expect(button).to_be_enabled(timeout=SLOW)
    return button


def choose(page: Page, title: str) -> None:
    """Pick the card of that title."""
    _set(page, page.get_by_role("radio", name=title))


def cards(page: Page, state: str = "") -> Locator:
    """The cards of the run, all or those in a state: queued, running, succeeded, failed, cancelled."""
    return page.locator(f".cards .card{f'.{state}' if state else ''}")


def make(window: Visit, files: Sequence[Path], title: str = "Amazon main image", price: str = "1 credit") -> Page:
    """From an empty Create page to finished pictures."""
    page = window.open("/generate")
    drop(page, files)
    choose(page, title)
    make_button(page, len(files), price).click()
    expect(cards(page, "done")).to_have_count(len(files), timeout=SLOW)
    return page


def balance(page: Page) -> Locator:
    """The balance in the header."""
    return page.locator(".balance .count")
