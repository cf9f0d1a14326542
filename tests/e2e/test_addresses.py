"""Where an address leads: nowhere, back after signing in, and pages that long names must not push out of the window."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Account, Visitor, axe_violations
from tests.e2e.studio import SLOW, cards, drop

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("path", ["/admin/system", "/galery"])
def test_a_mistyped_address_gets_a_page_of_ours_with_a_way_on(visit: Visitor, path: str) -> None:
    window = visit(width=375, theme="dark")

    page = window.open(path)

    expect(page.get_by_role("heading", name="This page does not exist")).to_be_visible(timeout=SLOW)
    assert not axe_violations(page)
    assert not window.complaints
    page.get_by_role("button", name="Go to the start page").click()
    expect(page.get_by_role("heading", name="Phone photo in.")).to_be_visible(timeout=SLOW)


def test_a_link_to_one_picture_leads_there_after_signing_in(visit: Visitor, shop_owner: Account) -> None:
    page = visit().open("/picture?id=ast_of_somebody")
    page.get_by_label("E-mail").fill(shop_owner.email)
    page.get_by_label("Password", exact=True).fill(shop_owner.password)

    page.keyboard.press("Enter")

    page.wait_for_url("**/picture?id=ast_of_somebody", timeout=SLOW)


def test_a_very_long_name_fits_the_picture_page_on_a_phone(
    visit: Visitor, shop_owner: Account, photos: Path, tmp_path: Path
) -> None:
    photo = tmp_path / f"{'x' * 150}.jpg"
    photo.write_bytes((photos / "mug.jpg").read_bytes())
    window = visit(shop_owner, width=375, theme="dark")
    page = window.open("/generate")
    drop(page, [photo])
    page.get_by_role("button", name="Make 1 picture · 1 credit").click(timeout=SLOW)
    expect(cards(page, "done")).to_have_count(1, timeout=SLOW)
    page.get_by_role("button", name="Details").click(timeout=SLOW)
    expect(page.get_by_role("heading", name="About this picture")).to_be_visible(timeout=SLOW)

    overflow = page.evaluate("document.querySelector('.stMain').scrollWidth - window.innerWidth")

    assert overflow <= 0
    assert not axe_violations(page)


def test_the_bar_for_chosen_pictures_stands_clear_of_the_tab_bar(
    visit: Visitor, shop_owner: Account, photos: Path
) -> None:
    page = visit(shop_owner, width=375).open("/generate")
    drop(page, [photos / "mug.jpg"] * 8)
    expect(page.get_by_role("button", name="Make 8 pictures · 8 credits")).to_be_enabled(timeout=SLOW)
    page.goto(page.url.replace("/generate", "/gallery"))

    page.get_by_role("checkbox").first.check(force=True, timeout=SLOW)

    bar = page.locator(".bulk").bounding_box()
    tabs = page.locator(".vt-header .links").bounding_box()
    assert bar and tabs
    assert bar["y"] + bar["height"] <= tabs["y"]


def test_the_address_of_a_draft_survives_reload_back_and_a_second_tab(
    visit: Visitor, shop_owner: Account, photos: Path
) -> None:
    window = visit(shop_owner)
    page = window.open("/generate")
    drop(page, [photos / "mug.jpg"])
    page.get_by_role("button", name="Make 1 picture · 1 credit").click(timeout=SLOW)
    expect(cards(page, "done")).to_have_count(1, timeout=SLOW)
    page.wait_for_url("**/generate?draft=drf_*", timeout=SLOW)
    address = page.url
    assert "job_" not in address

    page.reload()
    expect(cards(page, "done")).to_have_count(1, timeout=SLOW)
    page.get_by_role("button", name="Make more pictures").click(timeout=SLOW)
    expect(page.get_by_role("heading", name="What to make")).to_be_visible(timeout=SLOW)
    page.go_back()
    expect(cards(page, "done")).to_have_count(1, timeout=SLOW)

    second = visit(shop_owner).open(address.removeprefix(window.url))
    expect(cards(second, "done")).to_have_count(1, timeout=SLOW)
