"""The Create page beyond the straight story: refusals, too few credits, cancel, retry, double click, a new tab."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Theme, Visitor, axe_violations
from tests.e2e.studio import SLOW, balance, cards, choose, drop, make, make_button, tick

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eight small product photos: a dark vase on light grey, each a little different."""
    folder = tmp_path_factory.mktemp("drawn")
    return [_vase(folder / f"vase-{number}.jpg", number) for number in range(8)]


def _vase(path: Path, number: int) -> Path:
    picture = Image.new("RGB", (360, 360), (236, 236, 234))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((110, 120 + number, 250, 300), fill=(40, 70 + 5 * number, 110))
    draw.rectangle((150, 60, 210, 180), fill=(40, 70 + 5 * number, 110))
    picture.save(path, quality=92)
    return path


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photo of nothing."""
    path = tmp_path_factory.mktemp("blank") / "nothing.png"
    Image.new("RGB", (300, 300), "white").save(path)
    return path


def test_what_is_not_a_picture_is_refused_by_name_and_the_rest_is_taken(
    shop_owner: Account, visit: Visitor, drawn: list[Path], tmp_path: Path
) -> None:
    fake = tmp_path / "invoice.jpg"
    fake.write_text("%PDF-1.7 not a picture")
    page = visit(shop_owner).open("/generate")

    drop(page, [fake, drawn[0]])

    expect(page.get_by_role("alert")).to_contain_text("invoice.jpg", timeout=SLOW)
    make_button(page, 1, "1 credit")
    page.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("width", [375, 1440])
def test_the_main_button_is_in_sight_however_many_photos_lie_above_it(
    shop_owner: Account, visit: Visitor, drawn: list[Path], width: int
) -> None:
    page = visit(shop_owner, width=width).open("/generate")
    drop(page, drawn)
    button = make_button(page, 8, "8 credits")

    for scroll in ("scrollTo(0, 0)", "scrollTo(0, 99999)"):
        page.evaluate(f"document.querySelector('.stMain').{scroll}")
        page.wait_for_timeout(300)
        box, tabs = button.bounding_box(), page.get_by_role("navigation", name="Main").bounding_box()
        assert box and tabs
        assert box["y"] >= tabs["y"] + tabs["height"] if width == 1440 else box["y"] > 56
        assert box["y"] + box["height"] <= (900 if width == 1440 else tabs["y"])
    assert not axe_violations(page)


def test_a_photo_can_be_taken_out_again_before_anything_is_paid(
    shop_owner: Account, visit: Visitor, drawn: list[Path]
) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, drawn[:2])
    make_button(page, 2, "2 credits")

    page.get_by_role("button", name="Remove vase-0.jpg").click()

    make_button(page, 1, "1 credit")


def test_the_price_follows_the_options_and_each_card_keeps_its_own(
    shop_owner: Account, visit: Visitor, drawn: list[Path]
) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, drawn[:1])
    choose(page, "Etsy")
    page.get_by_text("Options").click()
    tick(page, "Improve light and colour first")
    make_button(page, 1, "2 credits")

    choose(page, "Crop and adjust")

    expect(page.get_by_text("Choose what to change and the price shows here.")).to_be_visible(timeout=SLOW)
    choose(page, "1:1")
    straighten = page.get_by_role("slider", name="Straighten")
    for degrees in ("0.5", "1", "1.5"):
        straighten.press("ArrowRight")
        expect(straighten).to_have_value(degrees)
    make_button(page, 1, "free")

    choose(page, "Etsy")
    make_button(page, 1, "2 credits")
    choose(page, "Crop and adjust")
    expect(page.get_by_role("radio", name="1:1")).to_be_checked(timeout=SLOW)
    expect(straighten).to_have_value("1.5")
    make_button(page, 1, "free")


def test_too_few_credits_are_said_before_and_link_to_the_credits_page(
    shop_owner: Account, visit: Visitor, drawn: list[Path]
) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, drawn[:7])
    make_button(page, 7, "7 credits")
    page.get_by_text("Options").click()
    tick(page, "Improve light and colour first")

    button = page.get_by_role("button", name="Make 7 pictures · 14 credits")

    expect(button).to_be_disabled(timeout=SLOW)
    expect(
        page.get_by_text("This takes 14, you have 13. Buy more, remove 1 photo, or wait for tomorrow's 3 free credits.")
    ).to_be_visible()
    page.get_by_role("link", name="Buy credits").click()
    expect(page.get_by_role("heading", name="Buy credits", exact=True)).to_be_visible(timeout=SLOW)


def test_a_double_click_makes_and_charges_one_picture(shop_owner: Account, visit: Visitor, drawn: list[Path]) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, drawn[:1])

    make_button(page, 1, "1 credit").dblclick()

    expect(cards(page, "succeeded")).to_have_count(1, timeout=SLOW)
    expect(cards(page)).to_have_count(1)
    expect(balance(page)).to_have_text("12 credits", timeout=SLOW)


def test_a_cancelled_picture_costs_nothing_and_can_be_made_after_all(
    shop_owner: Account, visit: Visitor, drawn: list[Path]
) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, drawn[:6])
    make_button(page, 6, "6 credits").click()
    page.get_by_role("button", name="Cancel vase-5.jpg").click(timeout=SLOW)
    expect(cards(page, "cancelled")).to_have_count(1, timeout=SLOW)
    expect(cards(page, "succeeded")).to_have_count(5, timeout=SLOW)
    expect(balance(page)).to_have_text("8 credits", timeout=SLOW)

    page.get_by_role("button", name="Show vase-5.jpg").click()
    page.get_by_role("button", name="Make it after all · 1 credit").click(timeout=SLOW)

    expect(cards(page, "succeeded")).to_have_count(6, timeout=SLOW)
    expect(balance(page)).to_have_text("7 credits", timeout=SLOW)


def test_a_photo_of_nothing_fails_with_a_reason_uncharged_and_something_else_can_be_made_of_it(
    shop_owner: Account, visit: Visitor, blank: Path
) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, [blank])
    choose(page, "Amazon main image")
    make_button(page, 1, "1 credit").click()
    expect(cards(page, "failed")).to_have_count(1, timeout=SLOW)
    failure = page.get_by_role("alert")
    expect(failure).to_contain_text("nothing.jpg was not made", timeout=SLOW)
    expect(failure).to_contain_text("The credits are back in your account")
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)
    assert axe_violations(page) == []

    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    page.get_by_role("button", name="Change something").click()

    expect(make_button(page, 1, "1 credit")).to_be_visible(timeout=SLOW)
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)


def test_a_new_tab_finds_the_pictures_that_are_being_made(
    shop_owner: Account, visit: Visitor, drawn: list[Path]
) -> None:
    page = visit(shop_owner).open("/generate")
    drop(page, drawn)
    make_button(page, 8, "8 credits").click()
    expect(cards(page)).to_have_count(8, timeout=SLOW)

    second = visit(shop_owner).open("/generate")

    expect(cards(second).first).to_be_visible(timeout=SLOW)
    expect(cards(second, "queued").or_(cards(second, "running"))).to_have_count(0, timeout=SLOW)
    assert cards(second, "succeeded").count() == cards(second).count()


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_every_part_of_the_page_is_accessible(
    shop_owner: Account, visit: Visitor, drawn: list[Path], width: int, theme: Theme
) -> None:
    window = visit(shop_owner, width=width, theme=theme)
    page = window.open("/generate")
    choose(page, "Own background")
    expect(page.get_by_text("Gradient")).to_be_visible(timeout=SLOW)
    assert axe_violations(page) == []

    make(window, drawn[:1])

    expect(page.get_by_text("Amazon main image: Passes all 10 rules")).to_be_visible(timeout=SLOW)
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.asked_elsewhere == []
