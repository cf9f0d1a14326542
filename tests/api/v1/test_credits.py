"""Credits and prices over the API."""

import csv
import io
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.v1.app import create_api
from db import transaction
from services.accounts import api_keys
from services.accounts.actor import Actor
from services.credits import ledger
from tests.support.credit_accounts import open_person


@pytest.fixture
def client(vitrine: object) -> Iterator[TestClient]:
    with TestClient(create_api()) as client:
        yield client


@pytest.fixture
def person(vitrine: object) -> Actor:
    """Someone who had a hold of 2 of which 1 was charged."""
    person = open_person()
    with transaction() as session:
        ledger.capture(session, ledger.hold(session, person.id, 2, key="one", actor=person.id), 1)
    return person


@pytest.fixture
def key(person: Actor) -> dict[str, str]:
    made = api_keys.create_api_key(person, "test", ["read"])
    return {"Authorization": f"Bearer {made.secret}"}


def test_the_balance_shows_lots_in_spending_order(client: TestClient, key: dict[str, str]) -> None:
    answer = client.get("/credits", headers=key)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["available"], body["held"], body["daily_free_remaining"]) == (12, 0, 2)
    assert [(lot["source"], lot["remaining"]) for lot in body["lots"]] == [("daily", 2), ("welcome", 10)]
    assert body["lots"][0]["lapses_at"].endswith("T00:00:00.000Z")
    assert body["lots"][1]["lapses_at"] is None


def test_movements_come_newest_first_in_pages(client: TestClient, key: dict[str, str]) -> None:
    first = client.get("/credits/transactions", params={"limit": 1}, headers=key).json()
    assert first["has_more"] is True
    assert {name: first["data"][0][name] for name in ("object", "kind", "amount", "change", "available_after")} == {
        "object": "credit_transaction",
        "kind": "capture",
        "amount": 1,
        "change": 1,
        "available_after": 12,
    }
    rest = client.get("/credits/transactions", params={"starting_after": first["data"][0]["id"]}, headers=key).json()
    assert [one["kind"] for one in rest["data"]] == ["hold", "grant", "grant"]
    assert rest["has_more"] is False


def test_movements_can_be_filtered_and_exported(client: TestClient, key: dict[str, str]) -> None:
    held = client.get("/credits/transactions", params={"kind": "hold"}, headers=key).json()
    assert [one["amount"] for one in held["data"]] == [2]
    none = client.get("/credits/transactions", params={"until": "2020-01-01T00:00:00Z"}, headers=key).json()
    assert none == {"data": [], "has_more": False}
    export = client.get("/credits/transactions.csv", params={"since": "2020-01-01T00:00:00Z"}, headers=key)
    assert export.headers["content-type"].startswith("text/csv")
    assert len(list(csv.DictReader(io.StringIO(export.text)))) == 4


@pytest.mark.parametrize(
    "params",
    [{"kind": "theft"}, {"limit": 0}, {"since": "2020-01-01T00:00:00"}, {"starting_after": "ltx_none"}],
)
def test_bad_questions_are_422(client: TestClient, key: dict[str, str], params: dict[str, str]) -> None:
    answer = client.get("/credits/transactions", params=params, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")


@pytest.mark.parametrize("path", ["/credits", "/credits/transactions", "/credits/transactions.csv"])
def test_credits_need_a_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 401


def test_prices_are_public_and_exact(client: TestClient) -> None:
    assert client.get("/pricing/calculate", params={"credits": 5000}).json() == {
        "credits": 5000,
        "discount_percent": 10.91,
        "unit_price": {"amount": 9, "currency": "usd", "amount_decimal": "8.9092"},
        "total": {"amount": 44546, "currency": "usd"},
    }


@pytest.mark.parametrize("credits", ["299", "50001", "-1", "many", ""])
def test_amounts_that_are_not_sold_are_422(client: TestClient, credits: str) -> None:
    answer = client.get("/pricing/calculate", params={"credits": credits})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "credits"


def test_plans_list_packs_the_plan_and_the_limits_of_any_amount(client: TestClient) -> None:
    body = client.get("/pricing/plans").json()
    assert [(one["id"], one["kind"], one["credits"], one["total"]["amount"]) for one in body["data"]] == [
        ("pack_50", "pack", 50, 499),
        ("pack_200", "pack", 200, 1499),
        ("pack_500", "pack", 500, 2999),
        ("plan_2100", "plan", 2100, 18900),
    ]
    assert (body["custom"]["min_credits"], body["custom"]["max_credits"]) == (300, 50000)
