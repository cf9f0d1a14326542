"""Restyle in a real browser: a photo becomes a toy by way of a fake of Google's API; staff change what is sent."""

import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Account, Server, Visitor, axe_violations, register, running_server
from tests.e2e.studio import SLOW, balance, cards, choose, drop, make_button
from tests.fakes.gemini import KEY, FakeGemini, fake_gemini
from tests.support.job_pictures import product_photo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def google() -> Iterator[FakeGemini]:
    with fake_gemini(pause=0.5) as fake:
        yield fake


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, google: FakeGemini) -> Iterator[Server]:
    """A server with a key for the fake, and a worker."""
    keys = {"gemini_api_key": KEY, "gemini_base_url": google.url}
    with running_server(tmp_path_factory.mktemp("restyle"), **keys) as running:
        yield running


@pytest.fixture(scope="module")
def keeper(studio: Server) -> Account:
    """Its first account, hence its super_admin."""
    return register(studio.url, "Sam of the staff")


@pytest.fixture
def mug(tmp_path: Path) -> Path:
    path = tmp_path / "mug.jpg"
    Image.open(io.BytesIO(product_photo(700))).save(path, quality=95)
    return path


def assert_no_violations(page: Page) -> None:
    assert axe_violations(page) == []


def test_a_photo_becomes_a_toy_and_says_so(
    studio: Server, keeper: Account, google: FakeGemini, visit: Visitor, mug: Path
) -> None:
    window = visit(register(studio.url), url=studio.url)
    page = window.open("/restyle")
    drop(page, [mug])
    choose(page, "Cartoon")
    page.get_by_role("radio", name="Large, to hug").click()
    page.get_by_label("Anything else? (optional)").fill("in green felt")
    button = make_button(page, 1, "1 credit")
    assert_no_violations(page)
    button.click()
    expect(cards(page, "succeeded")).to_have_count(1, timeout=SLOW)
    expect(page.get_by_role("slider", name="Compare mug.jpg before and after")).to_be_visible(timeout=SLOW)
    expect(balance(page)).to_have_text("12 credits", timeout=SLOW)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download JPEG").click()
    file = Path(download.value.path()).read_bytes()
    with Image.open(io.BytesIO(file)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (1024, 1024))
    assert b"compositeWithTrainedAlgorithmicMedia" in file
    assert download.value.suggested_filename == "mug-restyle.jpg"
    sent = google.received[-1]
    assert "cartoon plush toy" in sent.prompt and "to hug" in sent.prompt and '"in green felt"' in sent.prompt
    assert google.faults == []
    assert_no_violations(page)

    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.get_by_role("slider", name="Compare mug.jpg before and after")).to_be_visible(timeout=SLOW)
    assert_no_violations(page)
    page.get_by_role("button", name="Make a variation").click()
    expect(page.get_by_label("Anything else? (optional)")).to_have_value("in green felt", timeout=SLOW)
    expect(page.get_by_role("radio", name="Cartoon")).to_be_checked()
    assert_no_violations(page)
    assert window.asked_elsewhere == []


def test_a_refusal_is_explained_and_not_charged(
    studio: Server, keeper: Account, google: FakeGemini, visit: Visitor, mug: Path
) -> None:
    google.script = ["image_safety"]
    page = visit(register(studio.url), url=studio.url, width=375).open("/restyle")
    sizes = page.get_by_role("radiogroup", name="Size of the toy")
    assert sizes.evaluate("node => node.scrollWidth <= node.clientWidth"), "every size is seen on a phone"
    drop(page, [mug])
    make_button(page, 1, "1 credit").click()
    alert = page.get_by_role("alert").filter(has_text="was not made")
    expect(alert).to_contain_text("its safety rules stand against", timeout=SLOW)
    expect(alert).to_contain_text("The credits are back in your account")
    expect(page.get_by_role("button", name="Change something")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)
    assert google.script == []


def test_staff_preview_change_and_roll_back_the_prompt(studio: Server, keeper: Account, visit: Visitor) -> None:
    page = visit(keeper, url=studio.url).open("/prompts")
    expect(page.get_by_text("In force: version 0")).to_be_visible(timeout=SLOW)
    assert_no_violations(page)
    words = page.get_by_label("Words", exact=True)
    words.fill("Sew {style}, {size}, out of old curtains.{wishes}")
    words.press("Control+Enter")
    expect(page.locator("blockquote")).to_contain_text("Sew a cute plush toy", timeout=SLOW)
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("In force: version 1")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_text("In force: version 2")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("table")).to_contain_text("Back to version 0")
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect(page.get_by_text("In force: version 2")).to_be_visible(timeout=SLOW)
    assert_no_violations(page)


def test_staff_see_in_the_figures_what_was_bought_what_was_made_and_what_it_cost(
    studio: Server, keeper: Account, visit: Visitor, mug: Path
) -> None:
    figures = visit(keeper, url=studio.url).open("/analytics")
    before = {name: figure(figures, name) for name in ("sign_ups", "payments", "revenue", "provider_cost")}
    window = visit(register(studio.url), url=studio.url)
    page = window.open("/buy")
    page.get_by_role("button", name="Buy 200 credits · $14.99").click(timeout=SLOW)
    page.get_by_role("button", name="Pay $14.99", exact=True).click(timeout=SLOW)
    expect(balance(page)).to_have_text("213 credits", timeout=SLOW)
    window.open("/restyle")
    drop(page, [mug])
    make_button(page, 1, "1 credit").click()
    expect(cards(page, "succeeded")).to_have_count(1, timeout=SLOW)
    expect(balance(page)).to_have_text("212 credits", timeout=SLOW)

    figures.reload()
    assert figure(figures, "sign_ups") == before["sign_ups"] + 1
    assert figure(figures, "payments") == before["payments"] + 1
    assert figure(figures, "revenue") == before["revenue"] + Decimal("14.99")
    assert figure(figures, "provider_cost") >= before["provider_cost"] + Decimal("0.03")
    expect(figures.get_by_role("table").filter(has_text="Restyle").first).to_be_attached()
    window.open("/analytics")
    expect(page.get_by_role("alert")).to_contain_text("staff only", timeout=SLOW)


def figure(page: Page, name: str) -> Decimal:
    """A number of the staff's analytics, without its currency sign."""
    tile = page.locator(f'[data-figure="{name}"] dd').first
    expect(tile).to_be_visible(timeout=SLOW)
    return Decimal(tile.inner_text().replace("$", "").replace(",", ""))


def test_without_a_key_the_page_names_the_setting_that_switches_it_on(
    server: Server, staff: Account, shop_owner: Account, visit: Visitor
) -> None:
    page = visit(staff).open("/restyle")
    expect(page.get_by_text("Set VITRINE_GEMINI_API_KEY")).to_be_visible(timeout=SLOW)
    page = visit(shop_owner).open("/restyle")
    expect(page.get_by_text("switches restyling on with VITRINE_GEMINI_API_KEY")).to_be_visible(timeout=SLOW)
    assert_no_violations(page)
