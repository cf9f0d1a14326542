"""What surrounds the screens: look, navigation, balance, theme, accessibility, start and stop."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Server, Theme, Visitor, axe_violations

pytestmark = pytest.mark.browser

OUTSIDE = ["/", "/sign-in", "/sign-up"]
INSIDE = ["/", "/credits", "/account", "/developers"]


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_every_screen_is_accessible_fits_the_window_and_asks_nobody_else(
    visit: Visitor, staff: Account, width: int, theme: Theme
) -> None:
    found: list[str] = []
    for account, paths in ((None, OUTSIDE), (staff, [*INSIDE, "/system"])):
        window = visit(account, width=width, theme=theme)
        for path in paths:
            page = window.open(path)
            found += [f"{path}: {each}" for each in axe_violations(page)]
            overflow = page.evaluate("document.querySelector('.stMain').scrollWidth - window.innerWidth")
            found += [f"{path}: {overflow} px too wide"] if overflow > 0 else []
        found += [f"asked elsewhere: {url}" for url in window.asked_elsewhere]
        found += [f"complained: {text}" for text in window.complaints]
    assert not found, "\n".join(found)


def test_the_navigation_moves_without_reloading_and_marks_where_one_is(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner).open("/")
    page.evaluate("window.stillHere = true")
    page.get_by_role("link", name="Credits", exact=True).click()
    expect(page.get_by_role("heading", name="Credits", exact=True)).to_be_visible()
    assert page.url.endswith("/credits")
    assert page.evaluate("window.stillHere") is True
    expect(page.locator("nav a[aria-current=page]")).to_have_text("Credits")
    page.go_back()
    expect(page.get_by_role("heading", name="Hello")).to_be_visible()


def test_the_header_works_by_keyboard_alone(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner).open("/")
    avatar = page.get_by_role("button", name="Account menu")
    avatar.focus()
    page.keyboard.press("Enter")
    expect(avatar).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(avatar).to_have_attribute("aria-expanded", "false")
    expect(avatar).to_be_focused()


def test_the_chosen_theme_is_remembered_with_the_account(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner, theme="light").open("/")
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("radio", name="Dark").check(force=True)
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(15, 17, 20)")
    page.goto(page.url + "credits")
    expect(page.locator(".stApp")).to_have_css("background-color", "rgb(15, 17, 20)")
    elsewhere = visit(shop_owner, theme="light").open("/")
    expect(elsewhere.locator(".stApp")).to_have_css("background-color", "rgb(15, 17, 20)")


def test_the_phone_has_its_navigation_at_the_bottom(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner, width=375).open("/")
    box = page.get_by_role("navigation", name="Main").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == pytest.approx(812, abs=1)
    expect(page.locator(".balance")).to_be_visible()


def test_streamlits_own_chrome_is_not_shown(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner).open("/")
    for part in ("stToolbar", "stHeader", "stMainMenu", "stAppDeployButton"):
        expect(page.get_by_test_id(part)).not_to_be_visible()
    assert page.title() == "Home · Vitrine"


def test_an_api_key_is_shown_once_and_works_until_it_is_revoked(
    visit: Visitor, server: Server, shop_owner: Account
) -> None:
    page = visit(shop_owner).open("/developers")
    expect(page.get_by_text(f"{server.url}/api/v1/images")).to_be_visible()
    page.get_by_label("Name of the new key").fill("Shop import")
    page.get_by_role("button", name="Create key").click()
    page.wait_for_selector("text=it is not shown again")
    shown = page.locator("code", has_text=re.compile(r"^\s*vit_[\w-]{30,}\s*$")).last
    expect(shown).to_be_visible()
    secret = shown.inner_text().strip()
    me = f"{server.url}/api/v1/auth/me"
    assert page.request.get(me, headers={"Authorization": f"Bearer {secret}"}).status == 200
    page.get_by_role("button", name="I have copied it").click()
    expect(page.get_by_text("it is not shown again")).to_have_count(0)
    assert secret not in page.content()
    page.get_by_role("button", name="Manage").click()
    page.get_by_role("button", name="Revoke for good").click()
    expect(page.get_by_text("No keys yet")).to_be_visible()
    assert page.request.get(me, headers={"Authorization": f"Bearer {secret}"}).status == 401


def test_the_history_of_credits_is_filtered_and_exported(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner).open("/credits")
    expect(page.get_by_role("cell", name="Welcome credits")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [int(row["amount"]) for row in rows] == [3, 10]
    page.get_by_label("Show").click()
    page.get_by_role("option", name="Charged").click()
    expect(page.get_by_text("No movement matches")).to_be_visible()


def test_the_system_screen_shows_a_living_worker(visit: Visitor, staff: Account) -> None:
    page = visit(staff).open("/system")
    for _ in range(60):  # the worker takes some seconds to start
        if page.get_by_role("cell", name="Alive").count():
            break
        page.wait_for_timeout(1000)
        page.reload()
        page.wait_for_selector("h1")
    expect(page.get_by_role("cell", name="Alive").first).to_be_visible()
    expect(page.get_by_text("Everything works")).to_be_visible()


def test_an_interrupt_stops_the_server_cleanly(fresh_server: Server) -> None:
    assert fresh_server.stop() in (0, 1)  # 1: how the command line of Streamlit ends after Ctrl-C
    assert "Traceback" not in fresh_server.log.read_text()
