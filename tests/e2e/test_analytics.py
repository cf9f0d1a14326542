"""The staff's analytics in a real browser: figures for those who may see them, the page that says no for the others."""

import csv
import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from components.staff.analytics_words import days
from services.insights import ranges
from tests.e2e.conftest import WIDTHS_AND_THEMES, Account, Server, Theme, Visitor, axe_violations, register
from tests.e2e.streamlit_protocol import calc_hash, run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FIGURES = (b"Sign-ups", b"Active shops", b"Credits outstanding", b"Provider cost", b"Margin")


def _open(visit: Visitor, account: Account, **how: object) -> Page:
    page = visit(account, **how).open("/analytics")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    return page


def _figure(page: Page, name: str) -> str:
    return page.locator(f'[data-figure="{name}"] dd').first.inner_text()


def test_staff_see_what_just_happened_without_waiting_for_a_worker(
    visit: Visitor, server: Server, staff: Account
) -> None:
    page = _open(visit, staff)
    before = int(_figure(page, "sign_ups"))
    register(server.url, "Somebody new")
    page.reload()
    expect(page.locator('[data-figure="sign_ups"] dd').first).to_have_text(str(before + 1))


def test_charts_draw_under_the_content_security_policy_and_ask_nobody_else(visit: Visitor, staff: Account) -> None:
    window = visit(staff)
    page = window.open("/analytics")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    page.wait_for_timeout(500)
    assert window.asked_elsewhere == []
    assert window.complaints == []


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_the_page_can_be_read_by_everybody(visit: Visitor, staff: Account, width: int, theme: Theme) -> None:
    page = _open(visit, staff, theme=theme, width=width)
    expect(page.get_by_role("figure", name=re.compile("Jobs a day: "))).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_days_can_be_chosen_and_the_file_holds_what_the_page_shows(visit: Visitor, staff: Account) -> None:
    page = _open(visit, staff)
    page.get_by_role("radio", name="7 days").or_(page.get_by_role("button", name="7 days")).first.click()
    expect(page.locator("[role=status]", has_text="held against")).to_contain_text(days(ranges.last(7)))
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")  # the button is drawn last
    shown = _figure(page, "sign_ups")
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    [line] = [row for row in rows if row["section"] == "figure" and row["figure"] == "Sign-ups"]
    assert line["value"] == shown.replace(",", "")
    assert len({row["day"] for row in rows if row["section"] == "day"}) == 7
    page.get_by_role("radio", name="Other days").or_(page.get_by_role("button", name="Other days")).first.click()
    expect(page.get_by_role("group", name="From and to, UTC days start date")).to_be_visible()


def test_a_shop_owner_is_refused(visit: Visitor, server: Server, shop_owner: Account) -> None:
    page = visit(shop_owner).open("/analytics")
    expect(page.get_by_role("alert")).to_contain_text("staff only")
    said = b"".join(
        message.SerializeToString()
        for message in run(
            server.url, page_name="analytics", page_hash=calc_hash("analytics"), cookies=shop_owner.cookies
        )
    )
    assert b"staff only" in said
    assert not [word for word in FIGURES if word in said]
