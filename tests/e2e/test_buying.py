"""Credits are bought in a real browser: through the test checkout, and through Stripe's protocol."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import (
    WIDTHS_AND_THEMES,
    Account,
    Server,
    Theme,
    Visitor,
    axe_violations,
    register,
    running_server,
)
from tests.e2e.studio import SLOW, balance
from tests.fakes.stripe_server import StripeFake, running_stripe

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeFake]:
    with running_stripe() as fake:
        yield fake


@pytest.fixture(scope="module")
def shop(stripe: StripeFake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that takes payments through the Stripe fake, which delivers its events to it."""
    settings = {
        "stripe_api_key": stripe.key,
        "stripe_webhook_secret": stripe.webhook_secret,
        "stripe_base_url": stripe.url,
    }
    with running_server(tmp_path_factory.mktemp("shop"), **settings) as running:
        stripe.endpoint = f"{running.url}/webhooks/stripe"
        yield running


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=SLOW)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click(timeout=SLOW)


def assert_accessible(page: Page) -> None:
    assert axe_violations(page) == []


@pytest.mark.parametrize(("width", "theme"), WIDTHS_AND_THEMES)
def test_two_hundred_credits_through_the_test_checkout(
    shop_owner: Account, visit: Visitor, width: int, theme: Theme
) -> None:
    window = visit(shop_owner, width=width, theme=theme)
    page = window.open("/buy")
    expect(balance(page)).to_have_text("13 credits", timeout=SLOW)
    expect(page.get_by_text("Test mode")).to_be_visible()
    assert_accessible(page)
    press(page, "Buy 200 credits · $14.99")

    heading(page, "Test checkout")
    expect(page.get_by_text("This is a simulation")).to_be_visible()
    assert page.locator("input:not([type=radio], [type=hidden])").count() == 0, "no card is typed into a page of ours"
    assert_accessible(page)
    press(page, "Decline the card")
    expect(page.get_by_text("Your card was declined.")).to_be_visible(timeout=SLOW)
    press(page, "Cancel")
    heading(page, "The payment did not go through")
    expect(page.get_by_text("Nothing was charged, and no credits were added.")).to_be_visible()
    assert_accessible(page)
    press(page, "Continue to payment · $14.99")
    heading(page, "Test checkout")
    press(page, "Pay $14.99")

    heading(page, "Thank you")
    expect(balance(page)).to_have_text("213 credits", timeout=SLOW)
    expect(page.locator(".vt-figure")).to_have_text("213")
    assert_accessible(page)
    press(page, "Show the receipt")
    heading(page, "Receipt")
    receipt = page.get_by_role("article", name="Receipt")
    expect(receipt).to_contain_text("200 credits")
    expect(receipt).to_contain_text("$14.99")
    expect(receipt).to_contain_text(shop_owner.email)
    expect(receipt).to_contain_text("no money was paid")
    expect(receipt).to_contain_text("pay_")
    assert_accessible(page)
    window.open("/payments")
    expect(page.get_by_role("link", name="Receipt: 200 credits")).to_be_visible(timeout=SLOW)
    assert_accessible(page)
    assert window.asked_elsewhere == []


def test_any_amount_shows_its_price_as_it_moves_and_is_charged_as_shown(shop_owner: Account, visit: Visitor) -> None:
    page = visit(shop_owner).open("/buy")
    amount = page.get_by_role("spinbutton", name="Exact amount")
    for typed, button in (("5000", "Buy 5,000 credits · $445.46"), ("2200", "Buy 2,200 credits · $197.93")):
        amount.fill(typed)
        amount.press("Enter")
        expect(page.get_by_role("button", name=button, exact=True)).to_be_visible(timeout=SLOW)
    slider = page.get_by_role("slider", name="Credits")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_role("button", name="Buy 2,250 credits · $202.39", exact=True)).to_be_visible(timeout=SLOW)
    expect(amount).to_have_value("2250")
    press(page, "Buy 2,250 credits · $202.39")
    heading(page, "Test checkout")
    press(page, "Pay $202.39")
    heading(page, "Thank you")
    expect(balance(page)).to_have_text("2263 credits", timeout=SLOW)

    page.goto(page.url.replace("checkout-done", "test-checkout"))
    for button, credits in (
        ("Refund $101.19", "1138 credits"),
        ("Dispute", "13 credits"),
        ("Settle: we win", "1138 credits"),
        ("Refund $101.20", "13 credits"),
    ):
        press(page, button)
        expect(balance(page)).to_have_text(credits, timeout=SLOW)
    assert_accessible(page)
    page.goto(page.url.replace("test-checkout", "receipt"))
    expect(page.get_by_role("article", name="Receipt")).to_contain_text("2,250 credits taken back", timeout=SLOW)


def test_two_hundred_credits_through_stripe_with_a_decline_and_a_walk_away(
    shop: Server, stripe: StripeFake, visit: Visitor
) -> None:
    anna = register(shop.url)
    window = visit(anna, url=shop.url)
    page = window.open("/buy")
    expect(page.get_by_text("Test mode")).to_have_count(0)
    press(page, "Buy 200 credits · $14.99")
    heading(page, "Checkout")
    assert page.url.startswith(f"{stripe.url}/c/pay/cs_test_")
    session_id = page.url.rpartition("/")[2]

    press(page, "Use a bad card")
    expect(page.get_by_text("Your card has insufficient funds.")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Back").click()
    heading(page, "The payment did not go through")
    expect(page.get_by_text("Your card has insufficient funds.")).to_be_visible()
    assert_accessible(page)
    expect(balance(page)).to_have_text("13 credits")

    press(page, "Continue to payment · $14.99")
    heading(page, "Checkout")
    press(page, "Pay $14.99")
    heading(page, "Thank you")
    expect(balance(page)).to_have_text("213 credits", timeout=SLOW)
    session = stripe.sessions[session_id]
    assert (session["amount_total"], session["payment_status"]) == (1499, "paid")

    window.open("/buy")
    press(page, "Buy 50 credits · $4.99")
    heading(page, "Checkout")
    page.get_by_role("link", name="Back").click()
    heading(page, "You left before paying")
    press(page, "Choose again")
    heading(page, "Buy credits")
    window.open("/test-checkout?id=pay_x")
    expect(page.get_by_text("payments are real")).to_be_visible(timeout=SLOW)


def test_an_event_that_is_late_changes_the_screen_without_a_reload(
    shop: Server, stripe: StripeFake, visit: Visitor
) -> None:
    anna = register(shop.url)
    page = visit(anna, url=shop.url).open("/buy")
    known = set(stripe.sessions)
    press(page, "Buy 500 credits · $29.99")
    heading(page, "Checkout")
    [session_id] = set(stripe.sessions) - known
    event = stripe.pay(session_id)  # paid, but the event is not delivered yet
    page.goto(stripe.sessions[session_id]["success_url"])
    heading(page, "One moment")
    assert_accessible(page)
    page.evaluate("window.sameDocument = true")
    assert stripe.deliver(event) == 200
    heading(page, "Thank you")
    expect(balance(page)).to_have_text("513 credits", timeout=SLOW)
    assert page.evaluate("window.sameDocument") is True, "the page was loaded again"


def test_a_payment_of_somebody_else_is_not_found(shop_owner: Account, server: Server, visit: Visitor) -> None:
    page = visit(shop_owner).open("/buy")
    press(page, "Buy 50 credits · $4.99")
    heading(page, "Test checkout")
    payment_id = page.url.partition("id=")[2]
    ben = register(server.url, "Ben")
    for path in ("receipt", "checkout-done", "checkout-cancelled", "test-checkout"):
        theirs = visit(ben).open(f"/{path}?id={payment_id}")
        heading(theirs, "We could not find this payment")
    assert_accessible(theirs)
