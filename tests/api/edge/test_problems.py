import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.edge.middleware import FORM_SLACK
from api.v1.app import PREFIX, create_api
from config import Settings
from services.errors import FieldError, Forbidden, RateLimited
from tests.api.conftest import client_of

FIELDS = {"type", "title", "status", "detail", "instance", "code", "errors", "request_id", "credits_charged"}


class Order(BaseModel):
    size: int = Field(ge=1)
    steps: list[dict[str, int]] = []


def _api_that_fails() -> FastAPI:
    api = create_api()

    @api.get("/boom")
    def boom() -> None:
        raise RuntimeError("the password is hunter2")

    @api.get("/refused")
    def refused() -> None:
        raise Forbidden("Not today.", errors=(FieldError("day", "Come tomorrow."),))

    @api.get("/slow-down")
    def slow_down() -> None:
        raise RateLimited(retry_after=1.2)

    @api.get("/no-database")
    def no_database() -> None:
        raise OperationalError("SELECT secret", {}, Exception("connection refused"))

    @api.post("/orders")
    def orders(order: Order) -> int:
        return order.size

    @api.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @api.get("/broken-stream")
    def broken_stream() -> StreamingResponse:
        def parts() -> Iterator[bytes]:
            yield b"begun"
            raise RuntimeError("half way")

        return StreamingResponse(parts())

    return api


@pytest.fixture
def failing(vitrine_sqlite: Settings) -> Iterator[TestClient]:
    with client_of(Starlette(routes=[Mount(PREFIX, _api_that_fails())])) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/here", 404, "not_found"),
        ("GET", "/boom", 500, "internal"),
        ("GET", "/refused", 403, "forbidden"),
        ("GET", "/slow-down", 429, "rate_limited"),
        ("GET", "/no-database", 503, "unavailable"),
        ("PUT", "/health", 405, "method_not_allowed"),
        ("GET", "/auth/me", 401, "unauthenticated"),
        ("POST", "/orders", 422, "validation"),
        ("GET", "/a%00b", 404, "not_found"),
        ("GET", "/health?q=%00", 400, "malformed"),
    ],
)
def test_every_error_is_a_problem_document_with_the_request_id(
    failing: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = failing.request(method, PREFIX + path)
    problem = answer.json()
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == FIELDS
    assert (problem["status"], problem["code"], problem["credits_charged"]) == (status, code, 0)
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["ratelimit"]


def test_an_unexpected_error_reveals_no_internals(failing: TestClient) -> None:
    answer = failing.get(f"{PREFIX}/boom")
    assert "hunter2" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "Nothing was charged" in answer.json()["detail"]


def test_an_unreachable_database_is_a_503_that_says_when_to_retry(failing: TestClient) -> None:
    answer = failing.get(f"{PREFIX}/no-database")
    assert answer.headers["retry-after"] == "2"
    assert "SELECT" not in answer.text


def test_a_wait_is_rounded_up_to_whole_seconds(failing: TestClient) -> None:
    assert failing.get(f"{PREFIX}/slow-down").headers["retry-after"] == "2"


def test_a_wrong_method_names_the_right_ones(failing: TestClient) -> None:
    assert failing.put(f"{PREFIX}/health").headers["allow"] == "GET, HEAD"


def test_a_missing_credential_says_how_to_send_one(failing: TestClient) -> None:
    assert failing.get(f"{PREFIX}/auth/me").headers["www-authenticate"] == "Bearer"


def test_a_validation_error_names_each_field_by_its_path(failing: TestClient) -> None:
    answer = failing.post(f"{PREFIX}/orders", json={"size": 0, "steps": [{"a": 1}, {"a": "x"}]})
    assert [one["field"] for one in answer.json()["errors"]] == ["size", "steps[1].a"]
    assert all(one["message"].endswith(".") for one in answer.json()["errors"])


def test_a_body_that_is_not_json_is_malformed(failing: TestClient) -> None:
    answer = failing.post(f"{PREFIX}/orders", content=b'{"size":', headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


def test_a_request_id_of_the_client_is_kept_if_it_is_sane(failing: TestClient) -> None:
    kept = failing.get(f"{PREFIX}/health", headers={"X-Request-Id": "order-4711.retry_2"})
    assert kept.headers["x-request-id"] == "order-4711.retry_2"
    for odd in ("short", "with space in it", "x" * 129, "semi;colon-and-more"):
        made = failing.get(f"{PREFIX}/health", headers={"X-Request-Id": odd}).headers["x-request-id"]
        assert re.fullmatch(r"req_[0-9a-f]{24}", made)


def test_a_body_over_the_limit_is_refused_by_its_length_and_while_it_streams(
    failing: TestClient, vitrine_sqlite: Settings
) -> None:
    limit = vitrine_sqlite.max_upload_bytes + FORM_SLACK
    announced = failing.post(f"{PREFIX}/raw", content=b"x", headers={"Content-Length": str(limit + 1)})
    streamed = failing.post(f"{PREFIX}/raw", content=(b"x" * 65536 for _ in range(limit // 65536 + 1)))
    for answer in (announced, streamed):
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    assert failing.post(f"{PREFIX}/raw", content=(b"x" * 1000 for _ in range(3))).json() == 3000


def test_a_stream_that_breaks_half_way_is_cut_and_not_completed(failing: TestClient) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        failing.get(f"{PREFIX}/broken-stream")
