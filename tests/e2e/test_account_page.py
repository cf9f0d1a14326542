"""The account screen: another name, another password, and other browsers shown the door."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Account, Server, Theme, Visitor, axe_violations, sign_in

pytestmark = pytest.mark.browser

NEW = "a wholly different phrase"


def _sign_in(page: Page, account: Account, password: str) -> None:
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def _another_browser(server: Server, visit: Visitor, account: Account) -> Page:
    return visit(sign_in(server.url, account)).open("/credits")


def _change_password(page: Page, current: str, new: str) -> None:
    page.get_by_label("Current password").fill(current)
    page.get_by_label("New password").fill(new)
    page.get_by_role("button", name="Change password").click()


def test_the_account_is_reached_from_the_menu_and_renamed(visit: Visitor, shop_owner: Account) -> None:
    page = visit(shop_owner).open("/")
    page.get_by_role("button", name="Account menu").click()
    page.get_by_role("link", name="Account", exact=True).click()
    expect(page.get_by_role("heading", name="Account", exact=True)).to_be_visible()

    page.get_by_label("Your name or shop").fill("Ben's Baskets")
    page.get_by_role("button", name="Save name").click()

    expect(page.get_by_text("Your name is saved.")).to_be_visible()
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Hello, Ben's Baskets")).to_be_visible()


def test_another_browser_is_signed_out_at_its_next_click(server: Server, visit: Visitor, shop_owner: Account) -> None:
    there = _another_browser(server, visit, shop_owner)
    here = visit(shop_owner).open("/account")
    expect(here.get_by_text("This browser")).to_have_count(1)

    here.get_by_role("button", name="Sign out", exact=True).last.click()  # the first is in the closed account menu

    expect(here.get_by_text("That browser is signed out.")).to_be_visible()
    expect(here.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
    there.get_by_role("link", name="Gallery").click()
    expect(there.get_by_text("Welcome back")).to_be_visible()
    here.get_by_role("link", name="Credits", exact=True).click()
    expect(here.get_by_role("heading", name="Credits", exact=True)).to_be_visible()


def test_a_changed_password_keeps_this_browser_and_ends_the_other(
    server: Server, visit: Visitor, shop_owner: Account
) -> None:
    there = _another_browser(server, visit, shop_owner)
    here = visit(shop_owner).open("/account")
    _change_password(here, "not my password", NEW)
    expect(here.get_by_role("alert")).to_contain_text("Your current password is different")
    _change_password(here, shop_owner.password, "password123")
    expect(here.get_by_role("alert")).to_contain_text("guess")

    _change_password(here, shop_owner.password, NEW)

    expect(here.get_by_text("Your password is changed.")).to_be_visible()
    expect(here.get_by_label("New password")).to_have_value("")
    there.get_by_role("link", name="Gallery").click()
    expect(there.get_by_text("Welcome back")).to_be_visible()
    _sign_in(there, shop_owner, shop_owner.password)
    there.wait_for_url(re.compile("error=wrong_credentials"))
    _sign_in(there, shop_owner, NEW)
    expect(there.get_by_role("heading", name="Gallery", exact=True)).to_be_visible()
    here.reload()
    expect(here.get_by_role("heading", name="Account", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_refused_form_is_accessible_too(server: Server, visit: Visitor, shop_owner: Account, theme: Theme) -> None:
    sign_in(server.url, shop_owner)  # another browser, so that there is one to sign out
    page = visit(shop_owner, width=375, theme=theme).open("/account")

    _change_password(page, "not my password", NEW)

    expect(page.get_by_role("alert")).to_be_visible()
    assert not axe_violations(page)
