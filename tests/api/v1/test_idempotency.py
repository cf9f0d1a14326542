import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Annotated

import pytest
import sqlalchemy as sa
from fastapi import APIRouter, File, Form, UploadFile
from httpx import Response as HttpxResponse
from sqlmodel import col
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.v1.app import PREFIX, create_api
from api.v1.dependencies import Writer
from api.v1.idempotency import IdempotentRoute, RunKey
from config import Settings
from db import clock, snapshot, transaction
from db.models import IdempotencyRecord
from services.accounts.repeated_requests import ABANDONED_AFTER, KEPT
from services.errors import Conflict, Invalid, ServiceError, Unavailable
from services.library import assets
from tests.api.conftest import Person, client_of, make_person
from tests.api.v1.sample_objects import RECIPE, mug

PICTURE = bytes(range(256)) * 40


class NoCredits(ServiceError):
    code = "insufficient_credits"
    status = 402


class Workshop:
    """Routes that count how often they really ran."""

    def __init__(self) -> None:
        self.runs = 0
        self.fails: list[Exception] = []
        self.run_keys: list[str | None] = []
        self.entered, self.go_on = Event(), Event()
        self.go_on.set()
        self.router = APIRouter(prefix="/workshop", route_class=IdempotentRoute)
        self.router.post("/count", status_code=201)(self.count)
        self.router.post("/picture")(self.picture)
        self.router.post("/stream")(self.stream)
        self.router.post("/upload")(self.upload)

    def count(self, body: dict[str, int], actor: Writer, run_key: RunKey) -> dict[str, int]:
        self.runs += 1
        self.run_keys.append(run_key)
        self.entered.set()
        self.go_on.wait(10)
        if self.fails:
            raise self.fails.pop(0)
        return body | {"run": self.runs}

    def picture(self, actor: Writer) -> Response:
        self.runs += 1
        headers = {"X-Credits-Charged": "1", "X-Job-Id": "job_1", "ETag": f'"{self.runs}"'}
        return Response(PICTURE, media_type="image/png", headers=headers)

    def stream(self, actor: Writer) -> StreamingResponse:
        self.runs += 1

        def parts() -> Iterator[bytes]:
            yield PICTURE[:100]
            yield PICTURE[100:]

        return StreamingResponse(parts(), media_type="image/webp")

    async def upload(
        self,
        actor: Writer,
        file: Annotated[UploadFile, File()],
        note: Annotated[str, Form()] = "",
    ) -> dict[str, object]:
        self.runs += 1
        return {"bytes": len(await file.read()), "note": note, "run": self.runs}


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


def _client(workshop: Workshop) -> TestClient:
    api = create_api()
    api.include_router(workshop.router)
    return client_of(Starlette(routes=[Mount(PREFIX, api)]))


@pytest.fixture
def shop(vitrine: Settings, workshop: Workshop) -> Iterator[TestClient]:
    with _client(workshop) as client:
        yield client


@pytest.fixture
def shop_sqlite(vitrine_sqlite: Settings, workshop: Workshop) -> Iterator[TestClient]:
    with _client(workshop) as client:
        yield client


def _count(client: TestClient, person: Person, key: str | None = "order-1", body: object = None) -> HttpxResponse:
    headers = person.headers | ({"Idempotency-Key": key} if key is not None else {})
    return client.post(f"{PREFIX}/workshop/count", json={"n": 1} if body is None else body, headers=headers)


def test_the_same_request_runs_once_and_is_answered_the_same_twice(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    first, again = _count(shop, anna), _count(shop, anna)
    assert (first.status_code, first.json()) == (201, {"n": 1, "run": 1})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert workshop.runs == 1


def test_without_a_key_and_with_other_keys_each_request_runs(shop_sqlite: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    for key in (None, None, "a", "b"):
        _count(shop_sqlite, anna, key)
    assert workshop.runs == 4


def test_json_counts_by_its_values_and_not_by_its_spaces(shop_sqlite: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    headers = anna.headers | {"Idempotency-Key": "k", "Content-Type": "application/json"}
    for content in (b'{"a":1,"b":2}', b'{ "b": 2, "a": 1 }'):
        assert shop_sqlite.post(f"{PREFIX}/workshop/count", content=content, headers=headers).status_code == 201
    assert workshop.runs == 1


def test_the_same_key_with_another_body_or_route_is_refused(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    _count(shop, anna)
    other_body = _count(shop, anna, body={"n": 2})
    other_route = shop.post(f"{PREFIX}/workshop/picture", headers=anna.headers | {"Idempotency-Key": "order-1"})
    for answer in (other_body, other_route):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert workshop.runs == 1


def test_two_people_may_use_the_same_key(shop_sqlite: TestClient, workshop: Workshop) -> None:
    for email in ("anna@example.com", "ben@example.com"):
        assert "idempotent-replayed" not in _count(shop_sqlite, make_person(email)).headers
    assert workshop.runs == 2


def test_an_error_of_the_request_is_replayed_too(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    workshop.fails = [NoCredits("Ten credits are missing."), Invalid("never reached")]
    first, again = _count(shop, anna), _count(shop, anna)
    assert (first.status_code, again.status_code) == (402, 402)
    assert first.json() == again.json()
    assert again.headers["content-type"] == "application/problem+json"
    invalid = [_count(shop, anna, "order-2", body=[]) for _ in range(2)]
    assert [one.status_code for one in invalid] == [422, 422]
    assert invalid[1].headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("passing", [RuntimeError("bug"), Unavailable(), Conflict()])
def test_a_fault_that_may_pass_is_not_kept(shop_sqlite: TestClient, workshop: Workshop, passing: Exception) -> None:
    anna = make_person("anna@example.com")
    workshop.fails = [passing]
    assert _count(shop_sqlite, anna).status_code in (500, 503, 409)
    assert _count(shop_sqlite, anna).status_code == 201
    assert workshop.runs == 2


def test_a_second_try_of_a_request_that_broke_off_starts_its_work_under_the_same_name(
    shop: TestClient, workshop: Workshop
) -> None:
    anna = make_person("anna@example.com")
    workshop.fails = [Unavailable()]
    assert _count(shop, anna).status_code == 503
    assert _count(shop, anna, body={"n": 2}).status_code == 422
    assert _count(shop, anna).status_code == 201
    assert _count(shop, anna, "order-2").status_code == 201
    first, again, other = workshop.run_keys
    assert first == again != other


def test_a_refused_credential_leaves_nothing_behind(shop_sqlite: TestClient, workshop: Workshop) -> None:
    answer = shop_sqlite.post(f"{PREFIX}/workshop/count", json={}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 401
    with snapshot() as session:
        assert session.scalars(sa.select(IdempotencyRecord)).all() == []


def test_while_the_first_request_runs_a_second_one_is_refused(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    workshop.go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_count, shop, anna)
        assert workshop.entered.wait(10)
        second = _count(shop, anna)
        workshop.go_on.set()
        assert first.result().status_code == 201
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_in_flight")
    assert second.headers["retry-after"] == "1"
    assert _count(shop, anna).headers["idempotent-replayed"] == "true"
    assert workshop.runs == 1


def test_of_eight_that_arrive_at_once_one_runs(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    with ThreadPoolExecutor(8) as pool:
        statuses = [one.status_code for one in pool.map(lambda _: _count(shop, anna), range(8))]
    assert set(statuses) <= {201, 409}
    assert workshop.runs == 1


def test_a_request_whose_process_died_can_be_taken_over_after_a_while(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    _count(shop, anna)
    with transaction() as session:  # what a killed process leaves: a claim without an answer
        session.execute(sa.update(IdempotencyRecord).values(status=None, body=None))
    assert _count(shop, anna).status_code == 409
    clock.travel(ABANDONED_AFTER + timedelta(seconds=1))
    assert _count(shop, anna).json() == {"n": 1, "run": 2}
    assert _count(shop, anna).headers["idempotent-replayed"] == "true"


def test_an_answer_is_kept_for_a_day_and_swept_after_it(shop: TestClient, workshop: Workshop) -> None:
    anna = make_person("anna@example.com")
    _count(shop, anna)
    clock.travel(KEPT - timedelta(minutes=1))
    assert _count(shop, anna).headers["idempotent-replayed"] == "true"
    clock.travel(KEPT + timedelta(hours=2))
    assert _count(shop, anna, "another").status_code == 201
    with snapshot() as session:
        assert session.scalars(sa.select(col(IdempotencyRecord.key))).all() == ["another"]
    assert _count(shop, anna).json()["run"] == 3


@pytest.mark.parametrize("route", ["picture", "stream"])
def test_a_picture_is_replayed_byte_by_byte_with_its_headers(shop: TestClient, workshop: Workshop, route: str) -> None:
    headers = make_person("anna@example.com").headers | {"Idempotency-Key": "k"}
    first, again = (shop.post(f"{PREFIX}/workshop/{route}", headers=headers) for _ in range(2))
    assert first.content == again.content == PICTURE
    for name in ("content-type", "x-credits-charged", "x-job-id", "etag"):
        assert first.headers.get(name) == again.headers.get(name)
    assert workshop.runs == 1


def test_a_form_is_the_same_whatever_boundary_the_client_picks(shop_sqlite: TestClient, workshop: Workshop) -> None:
    headers = make_person("anna@example.com").headers | {"Idempotency-Key": "k"}

    def send(content: bytes, note: str, filename: str = "mug.jpg") -> dict[str, object]:
        answer = shop_sqlite.post(
            f"{PREFIX}/workshop/upload",
            files={"file": (filename, content, "image/jpeg")},
            data={"note": note},
            headers=headers,
        )
        return dict(answer.json()) | {"status": answer.status_code}

    first = send(PICTURE, "blue")
    assert first == {"bytes": len(PICTURE), "note": "blue", "run": 1, "status": 200}
    assert send(PICTURE, "blue") == first  # the client made a new boundary for this one
    for changed in (send(PICTURE + b"x", "blue"), send(PICTURE, "red"), send(PICTURE, "blue", "cup.jpg")):
        assert changed["code"] == "idempotency_mismatch"
    assert workshop.runs == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "ümlaut".encode("latin-1")])
def test_a_key_that_is_empty_too_long_or_not_plain_is_malformed(
    shop_sqlite: TestClient, workshop: Workshop, key: str | bytes
) -> None:
    anna = make_person("anna@example.com")
    answer = shop_sqlite.post(
        f"{PREFIX}/workshop/count",
        json={},
        headers={**anna.headers, "Idempotency-Key": key},  # type: ignore[dict-item]
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert workshop.runs == 0


def test_a_key_of_255_characters_is_fine(shop_sqlite: TestClient) -> None:
    assert _count(shop_sqlite, make_person("anna@example.com"), "x" * 255).status_code == 201


def test_a_request_that_is_cancelled_half_way_lets_the_next_one_run(
    shop_sqlite: TestClient, workshop: Workshop
) -> None:
    anna = make_person("anna@example.com")
    workshop.fails = [asyncio.CancelledError()]  # type: ignore[list-item]
    with pytest.raises(BaseException):  # noqa: B017  whatever the server makes of it
        _count(shop_sqlite, anna)
    assert _count(shop_sqlite, anna).status_code == 201


def test_a_job_whose_answer_was_lost_is_found_again_and_not_charged_twice(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = make_person("anna@example.com")
    asset = assets.upload(anna.actor, mug(), "mug.jpg")
    headers = anna.headers | {"Idempotency-Key": "order-1"}

    def fail(*_: object) -> None:
        raise Unavailable

    with monkeypatch.context() as broken:  # the database goes away between the submission and the answer
        broken.setattr("api.v1.jobs.credit_headers", fail)
        lost = client.post(f"{PREFIX}/jobs", json={"asset_ids": [asset.id], "recipe": RECIPE}, headers=headers)
    again = client.post(f"{PREFIX}/jobs", json={"asset_ids": [asset.id], "recipe": RECIPE}, headers=headers)
    assert (lost.status_code, again.status_code) == (503, 202)
    listed = client.get(f"{PREFIX}/jobs", headers=anna.headers).json()["data"]
    assert [job["id"] for job in listed] == [again.json()["id"]]
    assert client.get(f"{PREFIX}/credits", headers=anna.headers).json()["held"] == 1
