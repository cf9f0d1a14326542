from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx import Response
from starlette.testclient import TestClient

from api.browser import session
from api.browser.session import JUDGED_PER_MINUTE, MAX_FORM_BYTES, safe_path
from api.edge.rate_limits import RequestCounter
from config import Settings
from services import bootstrap
from services.accounts import attempts
from services.accounts.form_cookies import FLASH_COOKIE, FORM_COOKIE, open_flash
from services.accounts.passwords import MIN_SCORE
from services.accounts.sessions import COOKIE, actor_for_session, csrf_token
from tests.api.conftest import PASSWORD, application, client_of, make_person

EMAIL = "anna@example.com"


def _csrf(client: TestClient) -> str:
    return str(client.get("/auth/csrf").json()["csrf"])


def _enter(
    client: TestClient, *, csrf: str | None = None, headers: dict[str, str] | None = None, **fields: str
) -> Response:
    form = {"intent": "sign-in", "email": EMAIL, "password": PASSWORD, "next": "/"} | fields
    form["csrf"] = _csrf(client) if csrf is None else csrf
    return client.post("/auth/session", data=form, headers=headers or {"Sec-Fetch-Site": "same-origin"})


def _session_of(client: TestClient) -> str | None:
    return client.cookies.get(COOKIE)


def test_signing_in_sets_a_cookie_scripts_cannot_read_and_goes_to_the_asked_page(client: TestClient) -> None:
    anna = make_person(EMAIL)
    answer = _enter(client, next="/gallery?sort=oldest")
    assert (answer.status_code, answer.headers["location"]) == (303, "/gallery?sort=oldest")
    cookie = SimpleCookie(next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)))[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert int(cookie["max-age"]) == 30 * 24 * 3600
    actor = actor_for_session(cookie.value)
    assert actor is not None and actor.id == anna.actor.id


def test_the_cookie_is_for_tls_only_where_the_settings_say_so(vitrine_sqlite: Settings) -> None:
    bootstrap.start(vitrine_sqlite.model_copy(update={"cookie_secure": True}))
    make_person(EMAIL)
    client = client_of(application())
    client.base_url = "https://localhost:8501"
    answer = _enter(client)
    assert all("Secure" in one for one in answer.headers.get_list("set-cookie"))


def test_signing_up_makes_the_account_and_signs_in(client: TestClient) -> None:
    answer = _enter(client, intent="register", name="Anna", accepted_terms="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    actor = actor_for_session(_session_of(client) or "")
    assert actor is not None and (actor.email, actor.name) == (EMAIL, "Anna")


def test_signing_out_ends_the_session_in_the_database_and_the_cookie(client: TestClient) -> None:
    make_person(EMAIL)
    _enter(client)
    token = _session_of(client) or ""
    answer = client.post("/auth/signout", data={"csrf": _csrf(client)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert _session_of(client) is None
    assert actor_for_session(token) is None


def test_a_new_sign_in_replaces_the_session_this_browser_had(client_sqlite: TestClient) -> None:
    make_person(EMAIL)
    make_person("ben@example.com")
    _enter(client_sqlite)
    former = _session_of(client_sqlite) or ""
    _enter(client_sqlite, email="ben@example.com")
    current = actor_for_session(_session_of(client_sqlite) or "")
    assert actor_for_session(former) is None
    assert current is not None and current.email == "ben@example.com"


def test_a_wrong_password_goes_back_to_the_form_with_the_words_and_without_the_password(
    client_sqlite: TestClient,
) -> None:
    make_person(EMAIL)
    answer = _enter(client_sqlite, password="hunter2 hunter2", next="/credits")
    back = urlsplit(answer.headers["location"])
    assert (answer.status_code, back.netloc, back.path) == (303, "", "/sign-in")
    assert parse_qs(back.query) == {"error": ["wrong_credentials"], "next": ["/credits"]}
    flash = open_flash(client_sqlite.cookies.get(FLASH_COOKIE))
    assert flash is not None and flash.email == EMAIL
    assert "do not belong together" in flash.message
    assert "hunter2" not in str(answer.headers)
    assert _session_of(client_sqlite) is None


def test_a_refused_sign_up_says_what_to_change(client_sqlite: TestClient) -> None:
    answer = _enter(client_sqlite, intent="register", password="anna@example", accepted_terms="yes")
    assert answer.headers["location"] == "/sign-up?error=validation"
    flash = open_flash(client_sqlite.cookies.get(FLASH_COOKIE))
    assert flash is not None and "too close to your name, your e-mail" in flash.message
    answer = _enter(client_sqlite, intent="register")
    flash = open_flash(client_sqlite.cookies.get(FLASH_COOKIE))
    assert flash is not None and "accept the terms" in flash.message


def test_a_locked_out_person_sees_how_long_to_wait(client_sqlite: TestClient) -> None:
    make_person(EMAIL)
    for _ in range(attempts.PER_ACCOUNT):
        _enter(client_sqlite, password="some wrong phrase")
    answer = _enter(client_sqlite)
    assert answer.headers["location"] == "/sign-in?error=rate_limited"
    flash = open_flash(client_sqlite.cookies.get(FLASH_COOKIE))
    assert flash is not None and "about 15 minutes" in flash.message


def test_a_changed_or_old_flash_is_not_believed(vitrine_sqlite: Settings) -> None:
    assert open_flash(None) is None
    assert open_flash("eyJtZXNzYWdlIjoiSGkifQ.x.y") is None


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        ("", {}),
        ("0" * 64, {}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Sec-Fetch-Site": "same-site"}),
        (None, {"Origin": "https://evil.example"}),
        (None, {"Origin": "null"}),
        (None, {"Origin": "http://localhost:9999"}),
    ],
)
def test_a_form_that_another_site_sent_is_refused(
    client_sqlite: TestClient, csrf: str | None, headers: dict[str, str]
) -> None:
    make_person(EMAIL)
    answer = _enter(client_sqlite, csrf=csrf, headers=headers)
    assert answer.headers["location"] == "/sign-in?error=csrf"
    assert _session_of(client_sqlite) is None


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost:8501"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_form_of_our_own_is_taken(client_sqlite: TestClient, headers: dict[str, str]) -> None:
    make_person(EMAIL)
    assert _enter(client_sqlite, headers=headers | {"X-Nothing": "1"}).headers["location"] == "/"


def test_a_token_is_worth_nothing_without_its_cookie_or_with_one_we_did_not_make(client_sqlite: TestClient) -> None:
    make_person(EMAIL)
    token = _csrf(client_sqlite)
    client_sqlite.cookies.clear()
    assert _enter(client_sqlite, csrf=token).headers["location"] == "/sign-in?error=csrf"
    client_sqlite.cookies.set(FORM_COOKIE, "made-up")
    forged = _enter(client_sqlite, csrf=csrf_token("made-up"))
    assert forged.headers["location"] == "/sign-in?error=csrf"


def test_the_form_token_is_never_cached_and_stays_the_same_while_the_page_is_open(client_sqlite: TestClient) -> None:
    answer = client_sqlite.get("/auth/csrf")
    assert answer.headers["cache-control"] == "no-store"
    assert _csrf(client_sqlite) == answer.json()["csrf"]


def test_signing_out_needs_the_token_too(client_sqlite: TestClient) -> None:
    make_person(EMAIL)
    _enter(client_sqlite)
    assert client_sqlite.post("/auth/signout", data={"csrf": "0" * 64}).status_code == 403
    assert actor_for_session(_session_of(client_sqlite) or "") is not None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=1",
        "/\t/evil.example",
        "evil",
        "",
        "/" + "x" * 3000,
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client_sqlite: TestClient, target: str) -> None:
    assert safe_path(target) == "/"
    make_person(EMAIL)
    assert _enter(client_sqlite, next=target).headers["location"] == "/"


@pytest.mark.parametrize("target", ["/", "/gallery", "/picture?id=ast_1", "/a/b#c"])
def test_a_path_on_this_site_is_kept(target: str) -> None:
    assert safe_path(target) == target


def test_a_form_larger_than_any_of_ours_is_not_read(client_sqlite: TestClient) -> None:
    answer = client_sqlite.post("/auth/session", content=b"name=" + b"x" * MAX_FORM_BYTES)
    assert answer.status_code == 413


def test_the_sign_up_form_judges_a_password_as_registration_does(client_sqlite: TestClient) -> None:
    for password in ("welcome2024!", "anna@example.com", "correct horse battery"):
        typed = {"email": EMAIL, "name": "", "password": password}
        judged = client_sqlite.post("/auth/password-strength", data=typed).json()
        answer = _enter(client_sqlite, intent="register", accepted_terms="yes", **typed)
        flash = open_flash(client_sqlite.cookies.get(FLASH_COOKIE) or "")
        assert judged["advice"] == (flash.message if flash else "")
        assert (judged["score"] >= MIN_SCORE) == (answer.headers["location"] == "/")


def test_passwords_are_judged_for_our_own_pages_and_at_the_pace_of_typing(
    client_sqlite: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_judged", RequestCounter())
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client_sqlite.post("/auth/password-strength", data={"password": "x"}, headers=elsewhere).status_code == 403
    statuses = [
        client_sqlite.post("/auth/password-strength", data={"password": "x"}).status_code
        for _ in range(JUDGED_PER_MINUTE + 1)
    ]
    assert statuses[-1] == 429
