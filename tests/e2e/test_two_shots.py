"""A glass as a shop owner meets it: one photo is doubtful, a second one on black paper makes it right."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Theme, Visitor, axe_violations
from tests.e2e.studio import SLOW, balance, cards, choose, drop, make, make_button
from tests.support.two_shot_pairs import Camera, draw_pair

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def glass(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Photos of a drawn glass on white and on black paper."""
    pair, folder = draw_pair("glass", 1, Camera(shift=(4, -3), turn=0.6)), tmp_path_factory.mktemp("glass")
    files = folder / "glass-on-white.jpg", folder / "glass-on-black.jpg"
    for file, pixels in zip(files, (pair.white, pair.black), strict=True):
        Image.fromarray(pixels).save(file, quality=95)
    return files


def two_photos(page: Page) -> None:
    """The card is chosen, with its line on how to shoot."""
    expect(page.get_by_role("radio", name="Glass, mesh and lace: two photos")).to_be_checked(timeout=SLOW)
    expect(page.get_by_text("Take a photo on white paper, change nothing but the paper")).to_be_visible(timeout=SLOW)


def test_a_doubtful_glass_leads_to_two_photos_and_those_to_a_picture_that_is_charged(
    shop_owner: Account, visit: Visitor, glass: tuple[Path, Path]
) -> None:
    page = make(visit(shop_owner), [glass[0]])
    expect(page.get_by_text("That is not enough for us to charge for it.")).to_be_visible(timeout=SLOW)
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)

    page.get_by_role("button", name="Use two photos").click()

    two_photos(page)
    expect(page.get_by_text("Add the other photo and the price shows here.")).to_be_visible(timeout=SLOW)
    drop(page, [glass[1]])
    make_button(page, 1, "3 credits").click()
    expect(cards(page, "succeeded")).to_have_count(1, timeout=SLOW)
    expect(page.get_by_text("We are 99% sure of the outline.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Use two photos")).to_have_count(0)
    expect(balance(page)).to_have_text("10 credits", timeout=SLOW)


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_the_card_says_how_to_shoot_and_which_photo_is_on_black(
    shop_owner: Account, visit: Visitor, glass: tuple[Path, Path], width: int, theme: Theme
) -> None:
    page = visit(shop_owner, width=width, theme=theme).open("/generate")
    choose(page, "Glass, mesh and lace: two photos")
    two_photos(page)
    drop(page, glass)
    make_button(page, 1, "2 credits")
    on_black = page.get_by_role("combobox", name="The photo on black paper")
    expect(on_black).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("glass-on-black.jpg", exact=True).last).to_be_visible()
    assert not axe_violations(page)
