"""Everybody sees their own only: every route that takes an id, as the OpenAPI document lists them."""

import pytest
from starlette.testclient import TestClient

from api.v1.app import PREFIX, create_api
from tests.api.conftest import make_person
from tests.api.v1.sample_objects import make_samples

DOCUMENT = create_api().openapi()
ROUTES = [
    (method, path)
    for path, item in sorted(DOCUMENT["paths"].items())
    for method in ("get", "post", "put", "patch", "delete")
    if method in item and "{" in path
]
IDS = [f"{method} {path}" for method, path in ROUTES]


def _body(method: str, path: str) -> dict[str, object] | None:
    """The least that the route's body schema takes, so that it is the id that is refused and not the body."""
    content = DOCUMENT["paths"][path][method].get("requestBody", {}).get("content", {})
    return {} if "application/json" in content else None


def test_there_are_routes_that_take_an_id() -> None:
    assert ("get", "/assets/{asset_id}") in ROUTES
    assert ("delete", "/api-keys/{key_id}") in ROUTES


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=IDS)
def test_somebody_elses_object_is_not_found(client: TestClient, method: str, path: str) -> None:
    anna = make_person("anna@example.com", "super_admin")
    ben = make_person("ben@example.com")
    url = PREFIX + path.format(**make_samples(anna).ids_in(path))
    refusal = (403, "forbidden") if _is_staffs(path) else (404, "not_found")  # staff's routes are closed, not empty
    for headers in (ben.headers, ben.headers | {"Idempotency-Key": "one"}):
        answer = client.request(method, url, headers=headers, json=_body(method, path))
        assert (answer.status_code, answer.json()["code"]) == refusal
    missing = client.request(
        method, PREFIX + path.format_map(_Unknown()), headers=ben.headers, json=_body(method, path)
    )
    assert missing.status_code == refusal[0]
    assert missing.json()["detail"] == answer.json()["detail"]  # the answer does not tell one from the other


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=IDS)
def test_without_a_key_the_answer_is_401_whether_the_object_exists_or_not(
    client_sqlite: TestClient, method: str, path: str
) -> None:
    anna = make_person("anna@example.com")
    real = PREFIX + path.format(**make_samples(anna).ids_in(path))
    for url in (real, PREFIX + path.format_map(_Unknown())):
        for headers in ({}, {"Authorization": "Bearer vit_unknown"}):
            answer = client_sqlite.request(method, url, headers=headers, json=_body(method, path))
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=IDS)
def test_the_owner_does_find_it(client_sqlite: TestClient, method: str, path: str) -> None:
    """Otherwise the 404 above would prove nothing."""
    anna = make_person("anna@example.com", "super_admin" if _is_staffs(path) else "user")
    url = PREFIX + path.format(**make_samples(anna).ids_in(path))
    with client_sqlite.stream(method, url, headers=anna.headers, json=_body(method, path)) as answer:
        assert answer.status_code not in (401, 403, 404)
        assert answer.status_code < 500


def _is_staffs(path: str) -> bool:
    return path.startswith("/admin/")


class _Unknown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{name}_00000000000000000000000000000000"
