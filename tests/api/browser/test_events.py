"""Jobs as they change, over HTTP and WebSocket."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from api.browser import events
from api.edge.request_log import RequestLog
from api.v1.app import PREFIX, create_api
from config import Settings
from db.models import OriginKind
from services.accounts import sessions
from services.catalog.fields import ProductFields
from services.catalog.products import create_product
from services.jobs import cancellation, submission
from services.jobs.views import Origin
from services.jobs.watch import is_followed
from tests.api.conftest import PASSWORD, Person, client_of
from tests.support.job_hands import hands
from tests.support.job_pictures import TINY_ENHANCE, picture

DRAFT = Origin(OriginKind.SCREEN, "drf_1")


@pytest.fixture
def browser(vitrine_sqlite: Settings) -> Any:
    """The API and the browser's event routes."""
    app = Starlette(routes=[Mount(PREFIX, create_api()), *events.routes], middleware=[Middleware(RequestLog)])
    with client_of(app) as opened:
        yield opened


def parsed(text: str) -> list[dict[str, str]]:
    """The events of a whole stream."""
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    return [block for block in blocks if "event" in block]


def test_a_stream_tells_progress_and_ends_with_the_end(client: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    job = submission.submit(anna.actor, TINY_ENHANCE, picture(anna.actor))
    with hands(after=lambda: is_followed(job.id)):
        answer = client.get(f"/api/v1/jobs/{job.id}/events", headers=anna.headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = parsed(answer.text)
    assert told[0]["event"] == "progress" and told[-1]["event"] == "succeeded"
    last = json.loads(told[-1]["data"])
    assert (last["id"], last["status"], last["credits_charged"]) == (job.id, "succeeded", 1)
    assert len({one["id"] for one in told}) == len(told)

    known = {**anna.headers, "Last-Event-ID": told[-1]["id"]}
    assert client.get(f"/api/v1/jobs/{job.id}/events", headers=known).status_code == 204
    older = {**anna.headers, "Last-Event-ID": told[0]["id"]}
    again = parsed(client.get(f"/api/v1/jobs/{job.id}/events", headers=older).text)
    assert [one["event"] for one in again] == ["succeeded"]


def test_a_cancelled_job_ends_its_stream(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    job = submission.submit(anna.actor, TINY_ENHANCE, picture(anna.actor))
    cancellation.cancel_job(anna.actor, job.id)
    told = parsed(client_sqlite.get(f"/api/v1/jobs/{job.id}/events", headers=anna.headers).text)
    assert [one["event"] for one in told] == ["cancelled"]


def test_the_web_socket_says_the_same(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    job = submission.submit(anna.actor, TINY_ENHANCE, picture(anna.actor))
    address = f"/api/v1/jobs/{job.id}/ws"
    with hands(), client_sqlite.websocket_connect(address, headers=anna.headers) as socket:
        told = [socket.receive_json()]
        while told[-1]["event"] == "progress":
            told.append(socket.receive_json())
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
    assert told[-1]["event"] == "succeeded" and told[-1]["data"]["id"] == job.id
    for headers, code in ((ben.headers, 4404), ({}, 4401)):
        with (
            pytest.raises(WebSocketDisconnect) as refused,
            client_sqlite.websocket_connect(address, headers=headers),
        ):
            pass
        assert refused.value.code == code


def test_a_screen_follows_the_jobs_of_its_draft_by_its_cookie(
    browser: TestClient, person: Callable[..., Person]
) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    made = submission.submit_many(anna.actor, TINY_ENHANCE, [picture(anna.actor)] * 2, origin=DRAFT)
    address = f"/events/jobs?origin={DRAFT.id}"
    assert browser.get(address).status_code == 204
    browser.cookies.set(
        sessions.COOKIE, sessions.sign_in("anna@example.com", PASSWORD, address="", user_agent="").token
    )
    with hands():
        told = parsed(browser.get(address).text)
    ends = [json.loads(one["data"]) for one in told if one["event"] == "succeeded"]
    assert {job["id"] for job in ends} == {job.id for job in made}
    assert ends[-1] == {
        "id": ends[-1]["id"],
        "status": "succeeded",
        "stage": "succeeded",
        "progress": 1.0,
        "queue_position": None,
        "eta_seconds": None,
    }

    browser.cookies.set(sessions.COOKIE, sessions.sign_in("ben@example.com", PASSWORD, address="", user_agent="").token)
    assert browser.get(address).status_code == 404
    assert browser.get("/events/jobs").status_code == 404
    assert ben.actor.id != anna.actor.id


def test_the_screen_of_a_product_follows_every_job_that_names_it(
    browser: TestClient, person: Callable[..., Person]
) -> None:
    anna, _ = person("anna@example.com"), person("ben@example.com")
    mug = create_product(anna.actor, ProductFields(sku="MUG-1", title="Mug"))
    job = submission.submit(anna.actor, TINY_ENHANCE, picture(anna.actor), product_id=mug.id)
    submission.submit(anna.actor, TINY_ENHANCE, picture(anna.actor))
    cancellation.cancel_job(anna.actor, job.id)
    for email, status, ids in (("anna@example.com", 200, [job.id]), ("ben@example.com", 404, [])):
        browser.cookies.set(sessions.COOKIE, sessions.sign_in(email, PASSWORD, address="", user_agent="").token)
        answer = browser.get(f"/events/jobs?product={mug.id}")
        assert answer.status_code == status
        told = parsed(answer.text) if ids else []
        assert [json.loads(one["data"])["id"] for one in told] == ids
