"""From an offer to a page to pay at, over the real SDK and a socket."""

import typing

import pytest
import stripe as sdk

from components.billing.buy_offers import buy_label
from components.kit import money
from config import Settings
from db.models import Payment
from services.accounts.actor import Actor
from services.billing import checkout, payments, pricing
from services.billing.errors import GatewayUnavailable, NotPayable
from services.billing.gateway import stripe as stripe_gateway
from services.billing.gateway.contract import Order
from services.errors import Forbidden, Invalid, NotFound
from tests.fakes.stripe_params import BadParameter, check, decode
from tests.fakes.stripe_server import StripeFake
from tests.support.job_pictures import shop_owner
from tests.support.payments import buy, deliver, session_of, with_stripe


def test_a_session_asks_for_the_offers_price_and_names_the_payment(stripe: StripeFake, anna: Actor) -> None:
    made, session_id = buy(anna, stripe)
    session = stripe.sessions[session_id]
    assert made.url == session["url"]
    assert (session["amount_total"], session["currency"], session["mode"]) == (1499, "usd", "payment")
    assert session["metadata"] == {"payment_id": made.payment_id}
    assert session["success_url"].endswith(f"/checkout-done?id={made.payment_id}")
    assert session["cancel_url"].endswith(f"/checkout-cancelled?id={made.payment_id}")
    [request] = stripe.requests
    assert request.headers["idempotency-key"] == f"checkout:{made.payment_id}"
    assert "x-stripe-client-telemetry" not in request.headers
    payment = payments.get_payment(anna, made.payment_id)
    assert (payment.status, payment.amount, payment.credits, payment.checkout_url) == ("open", 1499, 200, made.url)


def test_the_same_key_is_the_same_page_and_after_it_was_paid_none(stripe: StripeFake, anna: Actor) -> None:
    offer = pricing.chosen(credits=3000)
    first, again = (checkout.start(anna, offer, key="one") for _ in range(2))
    assert first == again
    assert len(stripe.sessions) == 1
    deliver(stripe, stripe.pay(session_of(stripe, first)))
    with pytest.raises(NotPayable):
        checkout.start(anna, offer, key="one")


def test_a_gateway_that_was_away_made_no_second_session(stripe_sqlite: StripeFake, anna_sqlite: Actor) -> None:
    stripe_sqlite.faults = [500]
    checkout.start(anna_sqlite, pricing.PACKS[0])
    keys = [request.headers["idempotency-key"] for request in stripe_sqlite.requests]
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(stripe_sqlite.sessions) == 1


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_gateway_that_refuses_is_said_in_plain_words_and_leaves_the_payment_to_try_again(
    stripe_sqlite: StripeFake, anna_sqlite: Actor, status: int
) -> None:
    stripe_sqlite.faults = [status] * 2
    with pytest.raises(GatewayUnavailable) as refused:
        checkout.start(anna_sqlite, pricing.PACKS[0], key="one")
    assert "Nothing was charged" in refused.value.message
    stripe_sqlite.faults = []
    assert checkout.start(anna_sqlite, pricing.PACKS[0], key="one").url


def test_a_gateway_nobody_reaches_is_unavailable(vitrine_sqlite: Settings) -> None:
    with_stripe(vitrine_sqlite, StripeFake(url="http://127.0.0.1:9"))
    with pytest.raises(GatewayUnavailable):
        checkout.start(shop_owner(), pricing.PACKS[0])


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "ftp://x.example",
        "//x.example",
        "https://",
        "http://[::1",
        "x",
        "https://a b",
        "https://a/\n",
    ],
)
def test_a_browser_is_sent_to_web_addresses_only(stripe_sqlite: StripeFake, anna_sqlite: Actor, address: str) -> None:
    for name in ("success_url", "cancel_url"):
        with pytest.raises(Invalid) as refused:
            checkout.start(anna_sqlite, pricing.PACKS[0], **{name: address})
        assert [error.field for error in refused.value.errors] == [name]
    assert stripe_sqlite.requests == []


def test_a_key_without_the_billing_scope_buys_nothing(stripe_sqlite: StripeFake, anna_sqlite: Actor) -> None:
    import dataclasses

    with pytest.raises(Forbidden):
        checkout.start(dataclasses.replace(anna_sqlite, scopes=frozenset({"read", "write"})), pricing.PACKS[0])


def test_somebody_elses_payment_does_not_exist(stripe: StripeFake, anna: Actor) -> None:
    made, _ = buy(anna, stripe)
    ben = shop_owner("ben@example.com")
    with pytest.raises(NotFound):
        payments.get_payment(ben, made.payment_id)
    assert payments.list_payments(ben).items == ()


def test_what_is_sold_is_chosen_in_exactly_one_way() -> None:
    assert pricing.chosen(pack="pack_50").price.total == 499
    assert pricing.chosen(plan="plan_2100").price.total == 18_900
    assert pricing.chosen(credits=5000).price == pricing.calculate(5000)
    for wrong in ({}, {"pack": "pack_50", "credits": 300}, {"pack": "plan_2100"}, {"plan": "x"}, {"credits": 299}):
        with pytest.raises(Invalid):
            pricing.chosen(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("step", [23, pytest.param(1, marks=pytest.mark.soak)])
def test_the_price_charged_is_the_price_shown_for_every_amount(step: int) -> None:
    """Page, API, Checkout and the payment's row (hence the receipt), for every `step`th amount and each fixed offer."""
    from api.v1.pricing import Calculation

    offers = [pricing.custom(credits) for credits in range(pricing.MIN_CREDITS, pricing.MAX_CREDITS + 1)]
    assert len(offers) == 49_701
    for offer in [*offers[::step], *offers[-1:], *pricing.PACKS, *pricing.PLANS]:
        total = offer.price.total
        if offer.kind == "custom":
            assert Calculation.of(pricing.calculate(offer.price.credits)).total.amount == total
        assert buy_label(offer.price).endswith(f"· ${total // 100:,}.{total % 100:02}")
        payment = Payment(user_id="u", offer=offer.id, credits=offer.price.credits, amount=total, gateway="stripe")
        asked = stripe_gateway.session_params(checkout.order_of("a@example.com", payment))
        [line] = asked["line_items"]
        assert line["price_data"]["unit_amount"] * line["quantity"] == total
        assert money.price(payment.amount) == money.price(total)


def test_a_sample_of_amounts_is_charged_as_shown_over_the_wire(stripe_sqlite: StripeFake, anna_sqlite: Actor) -> None:
    for credits in (300, 2_099, 2_100, 2_101, 26_050, 49_999, 50_000):
        made = checkout.start(anna_sqlite, pricing.chosen(credits=credits))
        assert stripe_sqlite.sessions[session_of(stripe_sqlite, made)]["amount_total"] == (
            pricing.calculate(credits).total
        )


def test_the_fake_refuses_what_the_sdks_types_do_not_know(stripe_sqlite: StripeFake, anna_sqlite: Actor) -> None:
    client = sdk.StripeClient(stripe_sqlite.key, base_addresses={"api": stripe_sqlite.url}, max_network_retries=0)
    order = Order("pay_1", "a@example.com", "x", 499, "usd", "https://a.example/", "https://a.example/")
    good = stripe_gateway.session_params(order)
    for change, param in (
        ({"sucess_url": "https://a.example/"}, "sucess_url"),
        ({"mode": "pay"}, "mode"),
        ({"customer_email": ["a"]}, "customer_email"),
        (
            {"line_items": [{"quantity": "many", "price_data": good["line_items"][0]["price_data"]}]},
            "line_items[0][quantity]",
        ),
        ({"line_items": [{"quantity": 1, "price_data": {"unit_amount": 1}}]}, "line_items[0][price_data][currency]"),
        ({"adaptive_pricing": {"enabled": "no"}}, "adaptive_pricing[enabled]"),
    ):
        with pytest.raises(sdk.InvalidRequestError) as refused:
            client.v1.checkout.sessions.create(typing.cast(typing.Any, {**good, **change}))
        assert refused.value.param == param
    wrong_key = sdk.StripeClient("sk_test_other", base_addresses={"api": stripe_sqlite.url}, max_network_retries=0)
    with pytest.raises(sdk.AuthenticationError):
        wrong_key.v1.checkout.sessions.create(good)
    del anna_sqlite


def test_the_fakes_objects_have_no_field_that_the_sdk_does_not_know(
    stripe_sqlite: StripeFake, anna_sqlite: Actor
) -> None:
    _, session_id = buy(anna_sqlite, stripe_sqlite)
    stripe_sqlite.pay(session_id)
    stripe_sqlite.refund(session_id, 100)
    dispute = stripe_sqlite.dispute(session_id)["data"]["object"]
    for thing, kind in (
        (stripe_sqlite.sessions[session_id], sdk.checkout.Session),
        (next(iter(stripe_sqlite.intents.values())), sdk.PaymentIntent),
        (stripe_sqlite.charge_of(session_id), sdk.Charge),
        (dispute, sdk.Dispute),
        (stripe_sqlite.events[0], sdk.Event),
    ):
        assert set(thing) <= set(kind.__annotations__), kind


def test_the_sdk_reads_the_fakes_refunds(stripe_sqlite: StripeFake, anna_sqlite: Actor) -> None:
    _, session_id = buy(anna_sqlite, stripe_sqlite)
    stripe_sqlite.pay(session_id)
    intent = stripe_sqlite.sessions[session_id]["payment_intent"]
    client = sdk.StripeClient(stripe_sqlite.key, base_addresses={"api": stripe_sqlite.url}, max_network_retries=0)
    made = client.v1.refunds.create({"payment_intent": intent, "amount": 500})
    assert (made.status, made.amount) == ("succeeded", 500)
    assert stripe_sqlite.charge_of(session_id)["amount_refunded"] == 500


def test_nested_forms_are_read_as_stripe_reads_them() -> None:
    assert decode([("a[b][0][c]", "1"), ("a[b][1][c]", "2"), ("d", "x")]) == {
        "a": {"b": [{"c": "1"}, {"c": "2"}]},
        "d": "x",
    }
    with pytest.raises(BadParameter):
        check("abc", int, "n")
