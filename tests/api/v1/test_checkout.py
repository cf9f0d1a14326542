"""Buying credits over the API, through the test checkout and through Stripe's protocol."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from api.v1.app import PREFIX
from config import Settings
from services.accounts import api_keys
from services.billing import pricing
from tests.api.conftest import Person
from tests.fakes.stripe_server import running_stripe
from tests.support.payments import deliver, with_stripe

Make = Callable[..., Person]


def test_a_pack_is_bought_through_stripe_and_listed_with_what_was_paid(
    client: TestClient, vitrine: Settings, person: Make
) -> None:
    with running_stripe() as stripe:
        with_stripe(vitrine, stripe)
        anna = person("anna@example.com")
        body = {"pack": "pack_200", "success_url": "https://shop.example/ok?s={CHECKOUT_SESSION_ID}"}
        answer = client.post(f"{PREFIX}/checkout/sessions", json=body, headers=anna.headers)
        assert answer.status_code == 201, answer.text
        [session] = stripe.sessions.values()
        assert answer.json()["url"] == session["url"]
        assert session["success_url"] == f"https://shop.example/ok?s={session['id']}"
        payment_id = answer.json()["payment_id"]
        one = f"{PREFIX}/payments/{payment_id}"
        before = client.get(one, headers=anna.headers).json()
        assert (before["status"], before["checkout_url"]) == ("open", session["url"])
        deliver(stripe, stripe.pay(session["id"]))
    after = client.get(one, headers=anna.headers).json()
    assert after["amount"] == {"amount": 1499, "currency": "usd"}
    assert (after["status"], after["credits"], after["checkout_url"], after["test"]) == ("succeeded", 200, None, False)
    assert client.get(f"{PREFIX}/payments", headers=anna.headers).json() == {"data": [after], "has_more": False}
    assert client.get(f"{PREFIX}/credits", headers=anna.headers).json()["available"] == 213


def test_the_same_idempotency_key_is_one_payment_and_another_body_is_refused(client: TestClient, person: Make) -> None:
    anna = person("anna@example.com")
    headers = anna.headers | {"Idempotency-Key": "order-7"}
    first, again = (
        client.post(f"{PREFIX}/checkout/sessions", json={"credits": 5000}, headers=headers) for _ in range(2)
    )
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = client.post(f"{PREFIX}/checkout/sessions", json={"credits": 5001}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    [payment] = client.get(f"{PREFIX}/payments", headers=anna.headers).json()["data"]
    assert payment["amount"]["amount"] == pricing.calculate(5000).total
    assert payment["test"] is True


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "pack"),
        ({"pack": "pack_50", "plan": "plan_2100"}, "pack"),
        ({"pack": "pack_51"}, "pack"),
        ({"plan": "gold"}, "plan"),
        ({"credits": 299}, "credits"),
        ({"credits": 50_001}, "credits"),
        ({"pack": "pack_50", "success_url": "javascript:alert(1)"}, "success_url"),
        ({"pack": "pack_50", "price": 1}, "price"),
    ],
    ids=str,
)
def test_what_cannot_be_bought_is_refused_and_named(
    client_sqlite: TestClient, person: Make, body: dict[str, object], field: str
) -> None:
    anna = person("anna@example.com")
    answer = client_sqlite.post(f"{PREFIX}/checkout/sessions", json=body, headers=anna.headers)
    assert answer.status_code == 422, answer.text
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert client_sqlite.get(f"{PREFIX}/payments", headers=anna.headers).json()["data"] == []


def test_buying_needs_the_billing_scope(client_sqlite: TestClient, person: Make) -> None:
    anna = person("anna@example.com")
    key = api_keys.create_api_key(anna.actor, "narrow", ["read", "write"]).secret
    answer = client_sqlite.post(
        f"{PREFIX}/checkout/sessions", json={"pack": "pack_50"}, headers={"Authorization": f"Bearer {key}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_payments_come_newest_first_in_pages(client_sqlite: TestClient, person: Make) -> None:
    anna = person("anna@example.com")
    for pack in ("pack_50", "pack_200", "pack_500"):
        client_sqlite.post(f"{PREFIX}/checkout/sessions", json={"pack": pack}, headers=anna.headers)
    page = client_sqlite.get(f"{PREFIX}/payments", params={"limit": 2}, headers=anna.headers).json()
    assert ([one["offer"] for one in page["data"]], page["has_more"]) == (["pack_500", "pack_200"], True)
    rest = client_sqlite.get(
        f"{PREFIX}/payments", params={"starting_after": page["data"][-1]["id"]}, headers=anna.headers
    ).json()
    assert [one["offer"] for one in rest["data"]] == ["pack_50"]
