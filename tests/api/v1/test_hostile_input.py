"""What a hostile client sends, and a clumsy one: each gets plain words, and nothing is left behind or charged."""

import asyncio
import io
import json
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from api.edge.middleware import OddAddresses
from api.edge.request_log import RequestLog
from api.v1.app import PREFIX, create_api
from api.v1.intake_turns import AT_ONCE
from config import Settings
from db import transaction
from services.credits import ledger
from services.credits.balances import balance
from services.errors import FieldError, Invalid
from services.library import assets
from services.studio.recipes import InvalidRecipe
from tests.api.conftest import Person, application
from tests.support.job_pictures import picture, product_photo

ENHANCE = {"op": "enhance", "timeout": "0"}


def _problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body: dict[str, Any] = answer.json()
    assert (body["code"], body["status"]) == (code, status)
    return body


def _photo(name: str = "mug.png") -> dict[str, tuple[str, bytes, str]]:
    return {"file": (name, product_photo(80), "image/png")}


def _spend_all(person: Person) -> None:
    left = balance(person.actor).available
    with transaction() as session:
        ledger.hold(session, person.actor.id, left, key="spent", actor="test")


def test_a_call_that_cannot_be_paid_leaves_no_picture_behind(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    _spend_all(anna)
    for _ in range(2):
        answer = client_sqlite.post("/api/v1/images", data=ENHANCE, files=_photo(), headers=anna.headers)
        _problem(answer, 402, "insufficient_credits")
    assert client_sqlite.get("/api/v1/assets", headers=anna.headers).json()["data"] == []


def test_a_call_that_cannot_be_paid_keeps_the_picture_it_only_named(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    kept = picture(anna.actor)
    _spend_all(anna)
    answer = client_sqlite.post("/api/v1/images", data={**ENHANCE, "asset_id": kept}, headers=anna.headers)
    _problem(answer, 402, "insufficient_credits")
    assert client_sqlite.get(f"/api/v1/assets/{kept}", headers=anna.headers).status_code == 200


def test_a_recipe_with_another_persons_picture_starts_nothing_and_leaves_nothing_behind(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna, bert = person("anna@example.com"), person("bert@example.com")
    fields = {"op": "background", "params": json.dumps({"image_asset_id": picture(anna.actor)}), "timeout": "0"}
    answer = client_sqlite.post("/api/v1/images", data=fields, files=_photo(), headers=bert.headers)
    _problem(answer, 404, "not_found")
    for listing in ("/api/v1/assets", "/api/v1/jobs"):
        assert client_sqlite.get(listing, headers=bert.headers).json()["data"] == []


def test_an_accepted_call_keeps_its_picture(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    answer = client_sqlite.post("/api/v1/images", data=ENHANCE, files=_photo(), headers=anna.headers)
    assert answer.status_code == 202, answer.text
    kept = client_sqlite.get("/api/v1/assets", headers=anna.headers).json()["data"]
    assert [one["id"] for one in kept] == answer.json()["input_asset_ids"]


@pytest.mark.parametrize("expiry", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2030-01-01T00:00:00"])
def test_an_expiry_that_no_calendar_holds_is_refused(
    client_sqlite: TestClient, person: Callable[..., Person], expiry: str
) -> None:
    body = {"name": "till", "expires_at": expiry}
    answer = client_sqlite.post("/api/v1/api-keys", json=body, headers=person("anna@example.com").headers)
    assert _problem(answer, 422, "validation")["errors"][0]["field"] == "expires_at"


@pytest.mark.parametrize(
    ("method", "path", "options", "words"),
    [
        ("POST", "/assets", {"data": {"kind": "result"}, "files": _photo()}, "Choose one of"),
        ("GET", "/assets?starting_after=ast_nobodys", {}, "There is no picture of yours"),
    ],
)
def test_a_refusal_says_in_its_detail_what_to_change(
    client_sqlite: TestClient,
    person: Callable[..., Person],
    method: str,
    path: str,
    options: dict[str, Any],
    words: str,
) -> None:
    headers = person("anna@example.com").headers
    body = _problem(client_sqlite.request(method, f"/api/v1{path}", headers=headers, **options), 422, "validation")
    assert words in body["detail"]


def test_an_error_without_words_of_its_own_takes_those_of_its_fields_but_a_kind_with_words_keeps_them() -> None:
    errors = (FieldError("a", "Give a."), FieldError("b", "Give b."))
    assert Invalid(errors=errors).message == "Give a. Give b."
    assert Invalid("Both are missing.", errors=errors).message == "Both are missing."
    assert Invalid().message == Invalid.message
    assert InvalidRecipe(errors=errors).message == InvalidRecipe.message


def test_a_file_that_is_too_large_is_refused_with_the_limit(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    large = {"file": ("large.jpg", bytes(30 * 1024 * 1024), "image/jpeg")}
    headers = person("anna@example.com").headers
    for path in ("/api/v1/images", "/api/v1/assets"):
        body = _problem(client_sqlite.post(path, data=ENHANCE, files=large, headers=headers), 413, "file_too_large")
        assert "25 MB" in body["detail"]


ODD = ["", "/%00", "/assets/%00", "/assets/%2e%2e%2fcredits", "/jobs/%0a/events", "/assets/a%5cb", "/%e2%80%ae"]


@pytest.mark.parametrize("path", ODD)
def test_an_odd_address_under_the_api_is_a_problem_like_any_other(vitrine_sqlite: Settings, path: str) -> None:
    app = Starlette(
        routes=[Mount(PREFIX, create_api()), Route("/{rest:path}", lambda _request: PlainTextResponse("a screen"))],
        middleware=[Middleware(RequestLog), Middleware(OddAddresses, prefix=PREFIX)],
    )
    with TestClient(app, base_url="http://localhost:8501") as client:
        answer = client.get(f"/api/v1{path}")
        _problem(answer, 404, "not_found")
        assert {"x-request-id", "ratelimit", "ratelimit-policy"} <= set(answer.headers)
        assert client.get("/api/v10").text == "a screen"
        assert client.get("/api/v1/health").status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_slow_addresses_do_not_keep_other_requests_waiting(
    vitrine_sqlite: Settings, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> None:
    anna = person("anna@example.com")
    released, lock, running, most = threading.Event(), threading.Lock(), 0, 0

    def slow(*_arguments: Any) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        released.wait(30)
        with lock:
            running -= 1
        raise Invalid("slow")

    monkeypatch.setattr(assets, "import_url", slow)
    transport = httpx.ASGITransport(app=application())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8501/api/v1") as client:
        body = {"url": "https://slow.example/mug.jpg"}
        sent = [asyncio.create_task(client.post("/assets", json=body, headers=anna.headers)) for _ in range(45)]
        try:
            while running < AT_ONCE:
                await asyncio.sleep(0.02)
            answer = await asyncio.wait_for(client.get("/credits", headers=anna.headers), 5)
        finally:
            released.set()
        assert answer.status_code == 200
        assert {done.status_code for done in await asyncio.gather(*sent)} == {422}
    assert most == AT_ONCE


def test_a_picture_of_noise_bytes_is_not_called_a_text_file(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    noise = {"file": ("mug.jpg", b"\xff" * 1000, "image/jpeg")}
    answer = client_sqlite.post("/api/v1/assets", files=noise, headers=person("anna@example.com").headers)
    assert "text file" not in _problem(answer, 415, "unsupported_media")["detail"]


def test_a_picture_survives_every_odd_file_name(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    headers = person("anna@example.com").headers
    for name in ("../../etc/passwd", "a\u202egpj.exe", ".", "   ", "名前.jpg", "CON", 'a"b.jpg'):
        answer = client_sqlite.post("/api/v1/assets", files=_photo(name), headers=headers)
        assert answer.status_code == 201, answer.text
        assert "/" not in answer.json()["filename"]
        content = client_sqlite.get(f"/api/v1/assets/{answer.json()['id']}/content", headers=headers)
        assert Image.open(io.BytesIO(content.content)).size == (80, 80)
