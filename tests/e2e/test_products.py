"""Products in a real browser: made, filled with photos, their marketplace pictures made, taken as a ZIP."""

import io
import zipfile
from pathlib import Path

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Account, Server, Visitor, axe_violations, register
from tests.e2e.studio import SLOW, balance, cards, drop, make_button, tick

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHOTOS = ("mug.jpg", "loafers.jpg", "watch.jpg")


def assert_no_violations(page: Page) -> None:
    expect(page.get_by_test_id("stToast")).to_have_count(0)  # Streamlit's toasts have no name; they go by themselves
    assert axe_violations(page) == []


def groups(page: Page) -> Locator:
    """The product's photos, each with what was made from it."""
    return page.locator(".groups .group")


def photo_names(page: Page) -> list[str]:
    return page.locator(".groups .group .side:first-child .name").all_inner_texts()


def fill_form(page: Page, title: str, sku: str) -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_label("SKU", exact=True).fill(sku)


def create(page: Page, title: str, sku: str) -> None:
    fill_form(page, title, sku)
    page.get_by_role("button", name="Create product").dblclick()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=SLOW)


def test_a_product_with_three_photos_is_made_processed_and_exported(
    shop_owner: Account, visit: Visitor, photos: Path
) -> None:
    window = visit(shop_owner)
    page = window.open("/products")
    expect(page.get_by_role("heading", name="No products yet")).to_be_visible()
    assert_no_violations(page)
    page.get_by_role("button", name="Add your first product").click()
    expect(page.get_by_role("heading", name="New product")).to_be_visible(timeout=SLOW)
    page.get_by_label("Price (USD)").fill("19.99")
    create(page, "Blue mug", "MUG-1")

    drop(page, [photos / name for name in PHOTOS])
    expect(groups(page)).to_have_count(3, timeout=SLOW)
    assert photo_names(page) == list(PHOTOS)
    make_button(page, 3, "3 credits")
    page.get_by_role("button", name="Move watch.jpg up").click()
    expect(page.locator(".groups .group .side:first-child .name").nth(1)).to_have_text("watch.jpg", timeout=SLOW)
    page.get_by_role("button", name="Make watch.jpg the main picture").click()
    expect(page.locator(".picture.main .name")).to_have_text("watch.jpg", timeout=SLOW)
    button = make_button(page, 3, "3 credits")
    assert_no_violations(page)

    page.evaluate("window.sameDocument = true")
    button.dblclick()
    expect(cards(page)).to_have_count(3, timeout=SLOW)
    expect(cards(page, "succeeded")).to_have_count(3, timeout=120_000)
    expect(page.locator(".groups .results .picture")).to_have_count(3, timeout=SLOW)
    assert page.evaluate("window.sameDocument") is True, "the page was loaded again while the jobs ran"
    expect(balance(page)).to_have_text("10 credits", timeout=SLOW)
    for group in groups(page).all():
        expect(group.locator(".results .name")).to_have_text("Amazon main image")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download 3 pictures as ZIP").click()
    assert download.value.suggested_filename == "MUG-1.zip"
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"MUG-1-{number}-amazon_main.jpg" for number in (1, 2, 3)]
        for name in archive.namelist():
            picture = Image.open(io.BytesIO(archive.read(name)))
            assert (picture.format, picture.size) == ("JPEG", (2000, 2000))
    assert_no_violations(page)

    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.locator(".groups .results .picture")).to_have_count(3, timeout=SLOW)
    assert_no_violations(page)
    window.open("/products")
    expect(page.get_by_role("link", name="Blue mug")).to_contain_text("MUG-1 · $19.99")
    expect(page.get_by_role("link", name="Blue mug")).to_contain_text("3 photos, 3 made")
    assert_no_violations(page)
    assert window.asked_elsewhere == []
    assert window.complaints == []


@pytest.fixture
def stocked(server: Server, staff: Account) -> Account:
    """An account with two products, the first of them with two photos, and one photo more in its gallery."""
    account = register(server.url, "Stocked shop")
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=60) as client:
        login = client.post("/auth/login", json={"email": account.email, "password": account.password})
        client.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['access_token']}"
        vase = client.post("/products", json={"sku": "VASE-1", "title": "Vase", "category": "Living"}).json()
        client.post("/products", json={"sku": "LAMP-1", "title": "Lamp", "tags": ["brass"]}).raise_for_status()
        for name in ("front.jpg", "back.jpg"):
            files = {"file": (name, _photo(), "image/jpeg")}
            client.post(f"/products/{vase['id']}/images", files=files).raise_for_status()
        client.post("/assets", files={"file": ("side.jpg", _photo(), "image/jpeg")}).raise_for_status()
    return account


def _photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "seagreen").save(file, "JPEG")
    return file.getvalue()


def test_a_product_is_found_changed_archived_and_restored(stocked: Account, visit: Visitor) -> None:
    page = visit(stocked).open("/products")
    tiles = page.locator(".vt-products li")
    expect(tiles).to_have_count(2, timeout=SLOW)
    page.get_by_label("Search by title or SKU").fill("vase-")
    page.keyboard.press("Enter")
    expect(tiles).to_have_count(1, timeout=SLOW)
    page.get_by_role("link", name="Vase").click()
    expect(page.get_by_role("heading", name="Vase", exact=True)).to_be_visible(timeout=SLOW)

    fill_form(page, "Tall vase", "lamp-1")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("already used by “Lamp”", timeout=SLOW)
    fill_form(page, "Tall vase", "VASE-2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Tall vase", exact=True)).to_be_visible(timeout=SLOW)

    page.get_by_role("button", name="Archive this product").click()
    expect(page.get_by_text("This product is in the archive")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_role("button", name="Upload")).to_have_count(0)
    assert_no_violations(page)
    page.get_by_role("button", name="Restore").click()
    expect(page.locator(".vt-product-line")).to_contain_text("Draft", timeout=SLOW)
    expect(page.get_by_role("button", name="Save")).to_be_enabled(timeout=SLOW)


def test_pictures_come_from_the_gallery_are_left_out_and_taken_out_again(stocked: Account, visit: Visitor) -> None:
    page = visit(stocked).open("/products")
    page.get_by_role("link", name="Vase").click()
    expect(groups(page)).to_have_count(2, timeout=SLOW)
    page.get_by_role("button", name="Add from your gallery").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="side.jpg").check()
    expect(dialog.locator(".tiles li")).to_have_count(1)  # what is in a product already is not offered
    assert_no_violations(page)
    dialog.get_by_role("button", name="Add 1 picture").click()
    expect(groups(page)).to_have_count(3, timeout=SLOW)
    make_button(page, 3, "3 credits")  # drawn to its end: a click meets no picture that is just being replaced

    page.get_by_role("checkbox", name="Use back.jpg").click()
    make_button(page, 2, "2 credits")
    page.get_by_role("button", name="Take front.jpg out").click()
    expect(groups(page)).to_have_count(2, timeout=SLOW)
    assert photo_names(page) == ["back.jpg", "side.jpg"]
    make_button(page, 1, "1 credit")
    page.get_by_role("button", name="Undo").click()
    expect(groups(page)).to_have_count(3, timeout=SLOW)
    assert photo_names(page) == ["front.jpg", "back.jpg", "side.jpg"]


def test_pictures_of_the_gallery_are_added_to_a_product(stocked: Account, visit: Visitor) -> None:
    page = visit(stocked).open("/gallery")
    tick(page, "Select side.jpg")
    page.get_by_role("button", name="Add to product").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search by title or SKU").fill("vase")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("combobox", name="Product")).to_have_value("Vase · VASE-1", timeout=SLOW)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_have_count(0, timeout=SLOW)

    page.get_by_role("link", name="side.jpg").click()
    page.get_by_role("button", name="Its product").click()
    expect(groups(page)).to_have_count(3, timeout=SLOW)


def test_somebody_elses_product_is_not_found(stocked: Account, server: Server, visit: Visitor) -> None:
    page = visit(stocked).open("/products")
    page.get_by_role("link", name="Vase").click()
    expect(page.get_by_role("heading", name="Vase", exact=True)).to_be_visible(timeout=SLOW)
    address = page.url.removeprefix(server.url)
    stranger = visit(register(server.url, "Stranger")).open(address)
    expect(stranger.get_by_role("alert")).to_contain_text("We could not find that product.", timeout=SLOW)
    expect(stranger.get_by_text("VASE-1")).to_have_count(0)
