"""Signing up, in and out, as a person does it."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, Account, Server, Visitor

pytestmark = pytest.mark.browser


def _fill_sign_up(page: Page, email: str, password: str = PASSWORD) -> None:
    page.fill("[name=email]", email)
    page.fill("[name=password]", password)
    page.check("[name=accepted_terms]")


def test_a_new_shop_signs_up_and_stays_signed_in_over_a_reload(visit: Visitor, staff: Account) -> None:
    page = visit().open("/sign-up")
    page.fill("[name=name]", "Anna's Ceramics")
    _fill_sign_up(page, f"{uuid4().hex}@example.com")
    page.click("text=Create my account")
    expect(page.get_by_role("heading", name="Hello, Anna's Ceramics")).to_be_visible()
    expect(page.locator(".balance")).to_contain_text("13 credits")
    page.reload()
    expect(page.get_by_role("heading", name="Hello, Anna's Ceramics")).to_be_visible()
    held = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert held["vitrine_session"]["httpOnly"] is True
    assert "vitrine_session" not in page.evaluate("document.cookie")


def test_the_strength_meter_guides_and_weak_passwords_do_not_pass(visit: Visitor) -> None:
    page = visit().open("/sign-up")
    page.fill("[name=password]", "short")
    expect(page.locator("#vt-password-help")).to_contain_text("Use at least 10 characters")
    page.fill("[name=password]", "Quite-a-long-1-of-these")
    expect(page.locator(".meter")).to_have_attribute("data-score", "4")
    expect(page.locator("#vt-password-help")).to_contain_text("Strong")
    page.fill("[name=password]", "welcome2024!")
    expect(page.locator("#vt-password-help")).to_contain_text("easy to guess")
    _fill_sign_up(page, "anna@example.com", "password123")
    page.click("text=Create my account")
    expect(page.get_by_role("alert")).to_contain_text("easy to guess")
    expect(page.locator("[name=email]")).to_have_value("anna@example.com")


def test_the_terms_have_to_be_accepted(visit: Visitor) -> None:
    page = visit().open("/sign-up")
    _fill_sign_up(page, "anna@example.com")
    page.uncheck("[name=accepted_terms]")
    page.click("text=Create my account")
    expect(page.get_by_role("alert")).to_contain_text("accept the terms")


def test_a_wrong_password_says_so_without_telling_whether_the_address_exists(
    visit: Visitor, shop_owner: Account
) -> None:
    said = []
    for email in (shop_owner.email, f"{uuid4().hex}@example.com"):
        page = visit().open("/sign-in")
        page.fill("[name=email]", email)
        page.fill("[name=password]", "not the password")
        page.click("button:has-text('Sign in')")
        page.wait_for_url(re.compile("error=wrong_credentials"))
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("do not belong together")
        said.append(alert.inner_text())
    assert said[0] == said[1]


def test_signing_in_leads_back_to_the_screen_that_was_asked_for(visit: Visitor, shop_owner: Account) -> None:
    page = visit().open("/credits")
    page.wait_for_selector("text=Welcome back")
    page.fill("[name=email]", shop_owner.email)
    page.fill("[name=password]", shop_owner.password)
    page.click("button:has-text('Sign in')")
    expect(page.get_by_role("heading", name="Credits", exact=True)).to_be_visible()
    assert page.url.endswith("/credits")


def test_signing_out_ends_the_session_in_every_window_at_once(visit: Visitor, shop_owner: Account) -> None:
    here, there = visit(shop_owner).open("/"), visit(shop_owner).open("/credits")
    here.get_by_role("button", name="Account menu").click()
    here.get_by_role("button", name="Sign out").click()
    here.wait_for_selector("text=Phone photo in.")
    there.get_by_role("link", name="Gallery").click()  # on the connection that was opened while signed in
    there.wait_for_selector("text=Welcome back")


def test_passwords_and_names_are_labelled_for_password_managers(visit: Visitor) -> None:
    page = visit().open("/sign-up")
    assert page.get_attribute("form", "method") == "post"
    expect(page.locator("[name=password]")).to_have_attribute("autocomplete", "new-password")  # its script sets it
    expect(page.locator("[name=email]")).to_have_attribute("autocomplete", "username")
    page = visit().open("/sign-in")
    expect(page.locator("[name=password]")).to_have_attribute("autocomplete", "current-password")


def test_a_form_from_another_site_is_refused(server: Server, visit: Visitor) -> None:
    page = visit().page
    page.goto("about:blank")
    page.set_content(
        f'<form method=post action="{server.url}/auth/session"><input name=email value=a@b.co>'
        '<input name=password value="correct horse battery"><input name=intent value=sign-in></form>'
    )
    page.evaluate("document.forms[0].submit()")
    page.wait_for_url(re.compile("error=csrf"))
