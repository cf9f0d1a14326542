from datetime import timedelta

from starlette.testclient import TestClient

from api.v1.app import PREFIX
from db import clock, now
from services.accounts import api_keys
from tests.api.conftest import make_person

KEYS = f"{PREFIX}/api-keys"


def test_a_key_is_made_shown_once_used_regenerated_and_revoked(client: TestClient) -> None:
    anna = make_person("anna@example.com")
    made = client.post(KEYS, json={"name": "Shop", "scopes": ["read"]}, headers=anna.headers)
    assert made.status_code == 201
    key = made.json()
    assert key["secret"].startswith("vit_") and key["secret"].endswith(key["hint"])

    listed = client.get(KEYS, headers=anna.headers)
    assert key["id"] in [one["id"] for one in listed.json()["data"]]
    assert key["secret"] not in listed.text and "secret" not in listed.json()["data"][0]

    bearer = {"Authorization": f"Bearer {key['secret']}"}
    assert client.get(f"{PREFIX}/auth/me", headers=bearer).json()["email"] == "anna@example.com"
    renewed = client.post(f"{KEYS}/{key['id']}/regenerate", headers=anna.headers).json()
    assert renewed["id"] == key["id"]
    assert client.get(f"{PREFIX}/auth/me", headers=bearer).status_code == 401
    bearer = {"Authorization": f"Bearer {renewed['secret']}"}
    assert client.get(f"{PREFIX}/auth/me", headers=bearer).status_code == 200

    assert client.delete(f"{KEYS}/{key['id']}", headers=anna.headers).status_code == 204
    assert client.get(f"{PREFIX}/auth/me", headers=bearer).status_code == 401
    assert client.delete(f"{KEYS}/{key['id']}", headers=anna.headers).status_code == 404


def test_a_reading_key_may_not_write_and_learns_which_scope_is_missing(client_sqlite: TestClient) -> None:
    anna = make_person("anna@example.com")
    reader = api_keys.create_api_key(anna.actor, "reader", ["read"])
    headers = {"Authorization": f"Bearer {reader.secret}"}
    assert client_sqlite.get(KEYS, headers=headers).status_code == 200
    refused = client_sqlite.post(KEYS, json={"name": "New"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "'write'" in refused.json()["detail"]


def test_an_expired_key_is_401(client_sqlite: TestClient) -> None:
    anna = make_person("anna@example.com")
    expires = (now() + timedelta(hours=1)).isoformat()
    made = client_sqlite.post(KEYS, json={"name": "Soon", "expires_at": expires}, headers=anna.headers).json()
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    assert client_sqlite.get(KEYS, headers=bearer).status_code == 200
    clock.travel(timedelta(hours=1, seconds=1))
    assert client_sqlite.get(KEYS, headers=bearer).status_code == 401


def test_bad_fields_of_a_new_key_are_named(client_sqlite: TestClient) -> None:
    anna = make_person("anna@example.com")
    for body, field in (
        ({}, "name"),
        ({"name": "x", "scopes": ["fly"]}, "scopes[0]"),
        ({"name": "x", "expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"name": "x", "expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "colour": "red"}, "colour"),
        ({"name": "x", "rate_limit_per_minute": 0}, "rate_limit_per_minute"),
    ):
        answer = client_sqlite.post(KEYS, json=body, headers=anna.headers)
        assert answer.status_code == 422
        assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_repeated_request_gets_the_same_secret_which_the_database_does_not_hold(client_sqlite: TestClient) -> None:
    import sqlalchemy as sa

    from db import snapshot
    from db.models import IdempotencyRecord

    anna = make_person("anna@example.com")
    headers = anna.headers | {"Idempotency-Key": "make-my-key"}
    first, again = (client_sqlite.post(KEYS, json={"name": "Shop"}, headers=headers) for _ in range(2))
    assert first.json() == again.json()
    with snapshot() as session:
        record = session.scalars(sa.select(IdempotencyRecord)).one()
    assert record.body is not None and first.json()["secret"].encode() not in record.body
