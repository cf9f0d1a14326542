from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from api.v1.app import PREFIX
from db import clock
from services.accounts import attempts
from services.accounts.sessions import COOKIE, sign_in
from tests.api.conftest import PASSWORD, make_person

EMAIL = "anna@example.com"
NEW = {"email": EMAIL, "password": PASSWORD, "name": "Anna", "accepted_terms": True}


def test_register_me_login_refresh_logout_as_a_client_does_them(client: TestClient) -> None:
    registered = client.post(f"{PREFIX}/auth/register", json=NEW)
    assert registered.status_code == 201
    tokens = registered.json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)

    me = client.get(f"{PREFIX}/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (me["email"], me["name"], me["tier"]) == (EMAIL, "Anna", "free")
    assert me["credits"] == {"available": 13, "held": 0, "daily_free_remaining": 3}

    signed_in = client.post(f"{PREFIX}/auth/login", json={"email": EMAIL, "password": PASSWORD}).json()
    refreshed = client.post(f"{PREFIX}/auth/refresh", json={"refresh_token": signed_in["refresh_token"]}).json()
    bearer = {"Authorization": f"Bearer {refreshed['access_token']}"}
    assert client.get(f"{PREFIX}/auth/me", headers=bearer).status_code == 200

    gone = client.post(f"{PREFIX}/auth/logout", headers=bearer)
    assert (gone.status_code, gone.content) == (204, b"")
    assert client.get(f"{PREFIX}/auth/me", headers=bearer).status_code == 401
    reused = client.post(f"{PREFIX}/auth/refresh", json={"refresh_token": refreshed["refresh_token"]})
    assert reused.status_code == 401


def test_an_address_that_is_taken_looks_like_any_other_refusal(client_sqlite: TestClient) -> None:
    client_sqlite.post(f"{PREFIX}/auth/register", json=NEW)
    answer = client_sqlite.post(f"{PREFIX}/auth/register", json=NEW | {"password": "another good phrase"})
    assert (answer.status_code, answer.json()["code"]) == (422, "registration_refused")
    assert "sign in instead" in answer.json()["detail"]


def test_a_weak_password_is_explained_and_never_echoed(client_sqlite: TestClient) -> None:
    answer = client_sqlite.post(f"{PREFIX}/auth/register", json=NEW | {"password": "hunter2"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "password"
    assert "hunter2" not in answer.text


def test_too_many_wrong_passwords_answer_429_with_the_wait(client_sqlite: TestClient) -> None:
    make_person(EMAIL)
    wrong = {"email": EMAIL, "password": "some wrong phrase"}
    for _ in range(attempts.PER_ACCOUNT):
        assert client_sqlite.post(f"{PREFIX}/auth/login", json=wrong).status_code == 401
    locked = client_sqlite.post(f"{PREFIX}/auth/login", json={"email": EMAIL, "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "rate_limited")
    assert 800 < int(locked.headers["retry-after"]) <= 900
    assert "15 minutes" in locked.json()["detail"]


def test_a_session_cookie_opens_nothing_under_the_api(client_sqlite: TestClient) -> None:
    make_person(EMAIL)
    token = sign_in(EMAIL, PASSWORD).token
    client_sqlite.cookies.set(COOKIE, token)
    assert client_sqlite.get(f"{PREFIX}/auth/me").status_code == 401
    as_bearer = client_sqlite.get(f"{PREFIX}/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert as_bearer.status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dml0OnZpdA==", "vit_x", "Bearer vit_x", "Bearer a.b.c", "Bearer ÿ"]
)
def test_anything_but_a_good_bearer_is_401(client_sqlite: TestClient, header: str) -> None:
    answer = client_sqlite.get(f"{PREFIX}/auth/me", headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_an_access_token_expires(client_sqlite: TestClient) -> None:
    tokens = client_sqlite.post(f"{PREFIX}/auth/register", json=NEW).json()
    clock.travel(timedelta(minutes=16))
    answer = client_sqlite.get(f"{PREFIX}/auth/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


def test_text_that_is_no_text_is_refused_and_breaks_nothing(client_sqlite: TestClient) -> None:
    for email in ("nul\0@example.com", "\ud800@example.com"):
        body = '{"email": %s, "password": "correct horse battery", "accepted_terms": true}'
        raw = (body % ('"' + email.replace("\0", "\\u0000").replace("\ud800", "\\ud800") + '"')).encode()
        for path in ("register", "login"):
            content = raw if path == "register" else raw.replace(b', "accepted_terms": true', b"")
            answer = client_sqlite.post(
                f"{PREFIX}/auth/{path}", content=content, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code in (401, 422)
