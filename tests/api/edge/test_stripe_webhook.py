"""POST /webhooks/stripe over HTTP: who is believed, and that each event is stored and applied once."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select
from starlette.applications import Starlette
from starlette.testclient import TestClient

import db
from api.edge import stripe_webhook
from config import Settings
from db.models import LedgerTransaction, PaymentEvent
from services import credits
from services.accounts.actor import Actor
from services.billing import checkout, pricing, simulation, webhook
from services.billing.errors import NotPayable
from services.billing.payments import get_payment
from services.billing.settlement import apply_event
from services.engine import client, records
from services.errors import Forbidden, NotFound
from tests.fakes.stripe_server import StripeFake, running_stripe
from tests.support.job_pictures import shop_owner
from tests.support.payments import buy, with_stripe
from tests.support.served import served

CLIENTS = 8


def application() -> Starlette:
    return Starlette(routes=stripe_webhook.routes)


@pytest.fixture
def stripe(vitrine: Settings) -> Iterator[StripeFake]:
    """The fake, delivering to our webhook over HTTP, on each database in turn."""
    with running_stripe() as fake, served(application()) as address:
        with_stripe(vitrine, fake)
        fake.endpoint = address + "/webhooks/stripe"
        yield fake


@pytest.fixture
def door(vitrine_sqlite: Settings) -> Iterator[TestClient]:
    """The webhook of an installation without Stripe keys."""
    with TestClient(application()) as opened:
        yield opened


def stored() -> dict[str, str]:
    with db.snapshot() as session:
        return {row.id: row.outcome for row in session.scalars(select(PaymentEvent))}


def enqueued() -> list[str]:
    client.client()  # makes the engine's tables
    table = records.workflow_table()
    with db.snapshot() as session:
        return list(session.scalars(sa.select(table.c.workflow_uuid).where(table.c.queue_name == webhook.QUEUE.name)))


def grants(actor: Actor) -> int:
    with db.snapshot() as session:
        rows = session.scalars(
            select(LedgerTransaction).where(
                LedgerTransaction.user_id == actor.id,
                LedgerTransaction.idempotency_key.like("%:payment:%"),  # type: ignore[attr-defined]
            )
        ).all()
    return len(rows)


def test_eight_clients_send_the_same_event_five_times_each_and_it_is_granted_once(stripe: StripeFake) -> None:
    anna = shop_owner()
    _, session_id = buy(anna, stripe)
    event = stripe.pay(session_id)
    body, headers = stripe.signed(event)

    def send(_number: int) -> list[tuple[int, bool]]:
        with httpx.Client(timeout=60) as browser:
            answers = [browser.post(stripe.endpoint, content=body, headers=headers) for _ in range(5)]
        return [(answer.status_code, answer.json()["repeated"]) for answer in answers]

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for each in pool.map(send, range(CLIENTS)) for answer in each]
    assert Counter(answers) == {(200, False): 1, (200, True): 39}
    assert enqueued() == [event["id"]]
    with ThreadPoolExecutor(CLIENTS) as pool:
        assert set(pool.map(apply_event, [event["id"]] * CLIENTS)) == {"granted"}
    assert (credits.balance(anna).available, grants(anna)) == (213, 1)
    assert credits.verify_ledger() == []


def test_eight_events_of_one_payment_at_once_grant_once(stripe: StripeFake) -> None:
    anna = shop_owner()
    _, session_id = buy(anna, stripe)
    event = stripe.pay(session_id)
    copies = [event | {"id": f"evt_copy_{number}"} for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        assert set(pool.map(stripe.deliver, copies)) == {200}
        outcomes = Counter(pool.map(apply_event, [copy["id"] for copy in copies]))
    assert outcomes == {"granted": 1, "already_paid": CLIENTS - 1}
    assert (credits.balance(anna).available, grants(anna)) == (213, 1)
    assert credits.verify_ledger() == []


def test_what_is_not_freshly_signed_with_our_secret_is_not_stored(stripe: StripeFake) -> None:
    anna = shop_owner()
    _, session_id = buy(anna, stripe)
    event = stripe.pay(session_id)
    body, headers = stripe.signed(event)
    cheaper = body.replace(b"1499", b"0001")
    refused: list[tuple[bytes, dict[str, Any]]] = [
        (body, {}),
        (body, {"Stripe-Signature": "nonsense"}),
        (body, {"Stripe-Signature": "t=,v1="}),
        (body, {"Stripe-Signature": f"t={time.time():.0f},v1=é".encode()}),
        (body, {"Stripe-Signature": stripe.signature(body, secret="whsec_other")}),
        (body, {"Stripe-Signature": stripe.signature(body, at=time.time() - 301)}),
        (body, {"Stripe-Signature": headers["Stripe-Signature"].replace("v1=", "v0=")}),
        (body + b" ", headers),
        (cheaper, headers),
        (b"\xff\xfe", {"Stripe-Signature": stripe.signature(b"\xff\xfe")}),
        (b"[]", {"Stripe-Signature": stripe.signature(b"[]")}),
        (b"{}", {"Stripe-Signature": stripe.signature(b"{}")}),
        (b"not json", {"Stripe-Signature": stripe.signature(b"not json")}),
    ]
    for wrong, signed in refused:
        answer = httpx.post(stripe.endpoint, content=wrong, headers=signed)
        assert answer.status_code == 400, (wrong, signed)
    assert (stored(), enqueued(), credits.balance(anna).available) == ({}, [], 13)
    assert httpx.post(stripe.endpoint, content=b"x" * 1_100_000, headers=headers).status_code == 413
    assert httpx.get(stripe.endpoint).status_code == 405
    assert stripe.deliver(event, at=time.time() - 290) == 200
    assert list(stored()) == [event["id"]]


def test_a_signed_body_that_no_database_can_keep_is_refused(stripe: StripeFake) -> None:
    for text in (r'"\u0000"', r'"\\\u0000"', r'"\ud800"', "NaN", "-Infinity", "["):
        body = f'{{"id": "evt_odd", "object": "event", "type": "customer.created", "data": {text}}}'.encode()
        answer = httpx.post(stripe.endpoint, content=body, headers={"Stripe-Signature": stripe.signature(body)})
        assert (answer.status_code, stored()) == (400, {}), text


def test_a_backslash_before_the_word_of_a_nul_is_only_text(stripe: StripeFake) -> None:
    body = rb'{"id": "evt_text", "object": "event", "type": "customer.created", "data": "\\u0000"}'
    answer = httpx.post(stripe.endpoint, content=body, headers={"Stripe-Signature": stripe.signature(body)})
    assert (answer.status_code, list(stored())) == (200, ["evt_text"])


def test_an_event_nobody_needs_is_kept_and_answered(stripe: StripeFake) -> None:
    event = {"id": "evt_x", "object": "event", "type": "product.created", "data": {"object": {}}}
    assert stripe.deliver(event) == 200
    assert apply_event("evt_x") == "ignored"
    assert stored() == {"evt_x": "ignored"}
    assert apply_event("evt_never_sent") == "unknown_event"


def test_without_a_database_the_gateway_is_asked_to_retry(stripe: StripeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise sa.exc.OperationalError("", {}, Exception("gone"))

    monkeypatch.setattr(stripe_webhook, "receive", gone)
    event = {"id": "evt_x", "object": "event", "type": "product.created", "data": {"object": {}}}
    assert stripe.deliver(event) == 503


def deliver_to(door: TestClient) -> simulation.Deliver:
    def deliver(body: bytes, headers: object) -> int:
        return door.post(simulation.ADDRESS, content=body, headers=headers).status_code  # type: ignore[arg-type]

    return deliver


def settle() -> list[str]:
    return [apply_event(event_id) for event_id in stored()]


def test_the_test_checkout_uses_the_same_webhook(door: TestClient) -> None:
    anna = shop_owner()
    made = checkout.start(anna, pricing.PACKS[1])
    assert made.url.endswith(f"/test-checkout?id={made.payment_id}")
    simulation.decline(anna, made.payment_id, deliver_to(door))
    settle()
    assert get_payment(anna, made.payment_id).failure == "Your card was declined."
    for _ in range(3):  # a button pressed thrice
        assert simulation.pay(anna, made.payment_id, deliver_to(door)).endswith(f"/checkout-done?id={made.payment_id}")
    settle()
    payment = get_payment(anna, made.payment_id)
    assert (payment.status, payment.is_test, credits.balance(anna).available) == ("succeeded", True, 213)
    with pytest.raises(NotPayable):
        simulation.pay(anna, made.payment_id, deliver_to(door))
    simulation.refund(anna, made.payment_id, 749, deliver_to(door))
    settle()
    assert credits.balance(anna).available == 113
    with pytest.raises(NotPayable):
        simulation.refund(anna, made.payment_id, 751, deliver_to(door))
    for status, left in (("needs_response", 13), ("won", 113)):
        simulation.dispute(anna, made.payment_id, status, deliver_to(door))
        settle()
        assert credits.balance(anna).available == left
    assert credits.verify_ledger() == []


def test_only_this_installation_signs_for_the_test_checkout(door: TestClient) -> None:
    body = json.dumps({"id": "evt_1", "object": "event", "type": "x", "data": {"object": {}}}).encode()
    signature = StripeFake(webhook_secret="whsec_guess").signature(body)
    assert door.post("/webhooks/stripe", content=body, headers={"Stripe-Signature": signature}).status_code == 400
    assert door.post("/webhooks/stripe", content=body).status_code == 400


def test_the_test_checkout_is_private_and_closed_once_payments_are_real(
    door: TestClient, vitrine_sqlite: Settings
) -> None:
    anna, ben = shop_owner(), shop_owner("ben@example.com")
    made = checkout.start(anna, pricing.PACKS[0])
    with pytest.raises(NotFound):
        simulation.pay(ben, made.payment_id, deliver_to(door))
    letters: list[tuple[bytes, dict[str, str]]] = []

    def intercept(body: bytes, headers: Mapping[str, str]) -> int:
        letters.append((body, dict(headers)))
        return 200

    simulation.pay(anna, made.payment_id, intercept)
    with_stripe(vitrine_sqlite, StripeFake())
    with pytest.raises(Forbidden):
        simulation.pay(anna, made.payment_id, deliver_to(door))
    [(body, headers)] = letters
    assert door.post("/webhooks/stripe", content=body, headers=headers).status_code == 400
    assert stored() == {}
