"""The gallery and a picture's own page: finding, choosing, favourites, trash, ZIP, using again."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Server, Theme, Visitor, axe_violations, register
from tests.e2e.studio import SLOW, make, make_button, tick

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NAMES = ("blue-vase.jpg", "red-vase.jpg", "green-vase.jpg", "lamp.jpg", "chair.jpg")


def _photo(color: str) -> bytes:
    picture = Image.new("RGB", (320, 320), (238, 238, 236))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((90, 110, 230, 280), fill=color)
    draw.rectangle((130, 50, 190, 170), fill=color)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    return file.getvalue()


def _upload(server: Server, account: Account) -> None:
    """Five photos over the API, as a program would bring them in."""
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=60) as client:
        login = client.post("/auth/login", json={"email": account.email, "password": account.password})
        bearer = {"Authorization": f"Bearer {login.raise_for_status().json()['access_token']}"}
        for name, color in zip(NAMES, ("navy", "firebrick", "seagreen", "goldenrod", "saddlebrown"), strict=True):
            files = {"file": (name, _photo(color), "image/jpeg")}
            client.post("/assets", files=files, headers=bearer).raise_for_status()


@pytest.fixture
def stocked(server: Server, staff: Account) -> Account:
    """An account with five photos."""
    account = register(server.url, "Stocked shop")
    _upload(server, account)
    return account


@pytest.fixture(scope="module")
def maker(server: Server, staff: Account) -> Iterator[Account]:
    """An account with five photos for tests that leave them as they are."""
    account = register(server.url, "Maker")
    _upload(server, account)
    yield account


def names(page: Page) -> list[str]:
    return page.locator(".tile .name").all_inner_texts()


def select(page: Page, *wanted: str) -> None:
    for name in wanted:
        tick(page, f"Select {name}")


def test_search_narrows_survives_a_reload_and_is_cleared(maker: Account, visit: Visitor) -> None:
    page = visit(maker).open("/gallery")
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)
    page.get_by_label("Search by name").fill("vase")
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(3, timeout=SLOW)

    page.reload()

    expect(page.locator(".tile")).to_have_count(3, timeout=SLOW)
    page.get_by_label("Search by name").fill("no such thing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Clear search and filters").click()
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)


def test_sorting_by_name_and_the_list_show_the_same_pictures(maker: Account, visit: Visitor) -> None:
    page = visit(maker).open("/gallery?sort=Name")
    expect(page.locator(".tile .name").first).to_have_text("blue-vase.jpg", timeout=SLOW)
    assert names(page) == sorted(NAMES)

    page.get_by_role("radiogroup", name="View").get_by_role("radio").nth(1).click()

    expect(page.locator("section.list")).to_be_visible(timeout=SLOW)
    assert names(page) == sorted(NAMES)


def test_an_address_may_name_choices_as_the_api_does_and_keeps_them_over_a_reload(
    maker: Account, visit: Visitor
) -> None:
    page = visit(maker).open("/gallery?view=list&sort=name")
    for _ in range(2):
        expect(page.locator("section.list")).to_be_visible(timeout=SLOW)
        expect(page.locator(".tile .name").first).to_have_text("blue-vase.jpg", timeout=SLOW)
        page.wait_for_url("**/gallery?view=List&sort=Name")
        page.reload()
    page.get_by_role("radio", name="Grid").click()
    expect(page.locator("section.list")).to_have_count(0, timeout=SLOW)
    page.wait_for_url("**/gallery?sort=Name")


def test_arrow_keys_walk_the_pictures_and_enter_opens_one(maker: Account, visit: Visitor) -> None:
    page = visit(maker).open("/gallery")
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)
    page.locator(".tile .open").first.focus()

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="lamp.jpg", exact=True)).to_be_visible(timeout=SLOW)


def test_a_star_puts_a_picture_among_the_favourites(stocked: Account, visit: Visitor) -> None:
    page = visit(stocked).open("/gallery")
    page.get_by_role("button", name="Favourite lamp.jpg").dispatch_event("click", timeout=SLOW)
    expect(page.get_by_role("button", name="Favourite lamp.jpg")).to_have_attribute("aria-pressed", "true")

    page.get_by_role("radio", name="Favourites").click()

    expect(page.locator(".tile")).to_have_count(1, timeout=SLOW)
    assert names(page) == ["lamp.jpg"]


def test_trash_is_undone_restored_and_deletes_for_good_only_after_asking(stocked: Account, visit: Visitor) -> None:
    page = visit(stocked).open("/gallery")
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)
    select(page, "chair.jpg", "lamp.jpg")
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator(".tile")).to_have_count(3, timeout=SLOW)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)

    select(page, "chair.jpg", "lamp.jpg")
    page.get_by_role("button", name="Move to trash").click()
    expect(page.locator(".tile")).to_have_count(3, timeout=SLOW)
    page.get_by_role("radio", name="Trash").click()
    expect(page.locator(".tile")).to_have_count(2, timeout=SLOW)
    select(page, "chair.jpg")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".tile")).to_have_count(1, timeout=SLOW)
    select(page, "lamp.jpg")
    page.get_by_role("toolbar").get_by_role("button", name="Delete for good").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click(timeout=SLOW)

    expect(page.get_by_role("heading", name="The trash is empty")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Show all pictures").click()
    expect(page.locator(".tile")).to_have_count(4, timeout=SLOW)
    assert "chair.jpg" in names(page)


def test_chosen_pictures_come_as_one_zip(maker: Account, visit: Visitor) -> None:
    page = visit(maker).open("/gallery")
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)
    select(page, "red-vase.jpg", "chair.jpg")
    expect(page.locator(".bulk .count")).to_have_text("2 selected")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download ZIP").click()

    with zipfile.ZipFile(download.value.path()) as packed:
        assert sorted(packed.namelist()) == ["chair.jpg", "red-vase.jpg"]


def test_chosen_pictures_are_used_again(maker: Account, visit: Visitor) -> None:
    page = visit(maker).open("/gallery")
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)
    select(page, "red-vase.jpg", "chair.jpg")

    page.get_by_role("button", name="Use again").click()

    make_button(page, 2, "2 credits")


def test_an_empty_gallery_says_what_to_do(shop_owner: Account, visit: Visitor) -> None:
    page = visit(shop_owner).open("/gallery")
    expect(page.get_by_role("heading", name="No pictures yet")).to_be_visible(timeout=SLOW)

    page.get_by_role("button", name="Make your first picture").click()

    expect(page.get_by_role("heading", name="Create", exact=True)).to_be_visible(timeout=SLOW)


def test_a_result_is_compared_checked_downloaded_starred_trashed_and_varied(
    stocked: Account, visit: Visitor, tmp_path: Path
) -> None:
    photo = tmp_path / "jar.jpg"
    photo.write_bytes(_photo("indigo"))
    window = visit(stocked)
    page = make(window, [photo], title="Etsy")
    page.get_by_role("button", name="Details").click(timeout=SLOW)
    expect(page.get_by_role("heading", name="jar-etsy.jpg", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("slider", name="Compare jar-etsy.jpg before and after")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Etsy: Passes all 3 rules")).to_be_visible()
    expect(page.get_by_text("2000 × 2000 pixels")).to_be_visible()
    assert axe_violations(page) == []

    with page.expect_download() as before_after:
        page.get_by_role("button", name="Before and after").click()
    assert Image.open(before_after.value.path()).width > 600
    page.get_by_role("button", name="Other formats").click()
    with page.expect_download() as as_png:
        page.get_by_role("button", name="PNG", exact=True).click()
    assert Image.open(as_png.value.path()).format == "PNG"
    page.keyboard.press("Escape")

    page.get_by_role("button", name="Edge").click()
    expect(page.get_by_text("400%, edge 1 of")).to_be_visible()

    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Remove from favourites")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_role("button", name="Restore").click(timeout=SLOW)
    expect(page.get_by_role("button", name="Move to trash")).to_be_visible(timeout=SLOW)

    page.get_by_role("button", name="Make a variation").click()
    make_button(page, 1, "1 credit")
    expect(page.get_by_role("radio", name="Etsy")).to_be_checked()


def test_a_photo_checked_against_a_marketplace_shows_what_fails_and_offers_the_fix(
    maker: Account, visit: Visitor
) -> None:
    page = visit(maker).open("/gallery")
    page.locator(".tile .open", has_text="red-vase.jpg").click(timeout=SLOW)
    expect(page.get_by_role("button", name="400%")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("heading", name="About this picture")).to_be_visible(timeout=SLOW)
    page.get_by_role("combobox", name="Check against").click(timeout=SLOW)
    page.get_by_role("option", name="Amazon main image").click()
    expect(page.get_by_text("rules fail")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("img", name="marked")).to_be_visible()
    expect(page.locator(".vt-marked-place").first).to_be_visible()
    assert axe_violations(page) == []

    page.get_by_role("button", name="Fix: Pure white background").click()

    make_button(page, 1, "1 credit")


def test_someone_elses_picture_is_not_found(maker: Account, shop_owner: Account, visit: Visitor) -> None:
    own = visit(maker).open("/gallery")
    href = own.locator(".tile .open").first.get_attribute("href", timeout=SLOW)

    page = visit(shop_owner).open(str(href))

    expect(page.get_by_role("alert")).to_contain_text("We could not find that", timeout=SLOW)
    expect(page.get_by_role("link", name="Go to your gallery")).to_be_visible()


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_the_gallery_is_accessible_in_both_themes_and_widths(
    maker: Account, visit: Visitor, width: int, theme: Theme
) -> None:
    window = visit(maker, width=width, theme=theme)
    page = window.open("/gallery")
    expect(page.locator(".tile")).to_have_count(5, timeout=SLOW)
    select(page, "lamp.jpg")

    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.asked_elsewhere == []
