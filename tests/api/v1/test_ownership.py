"""Everybody sees their own only: every route that takes an id, as the OpenAPI document lists them."""

import pytest
from starlette.testclient import TestClient

from api.v1.app import PREFIX
from tests.api.conftest import DOCUMENT, make_person
from tests.api.v1.sample_objects import make_samples

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


def test_somebody_elses_object_is_not_found_on_any_route(client_sqlite: TestClient) -> None:
    samples = make_samples(make_person("anna@example.com", "super_admin"))
    ben = make_person("ben@example.com")
    wrong: list[object] = []
    for method, path in ROUTES:
        url, body = PREFIX + path.format(**samples.ids_in(path)), _body(method, path)
        refusal = (403, "forbidden") if _is_staffs(path) else (404, "not_found")  # staff's routes are closed, not empty
        missing = client_sqlite.request(method, PREFIX + path.format_map(_Unknown()), headers=ben.headers, json=body)
        for headers in (ben.headers, ben.headers | {"Idempotency-Key": f"{method} {path}"}):
            answer = client_sqlite.request(method, url, headers=headers, json=body)
            found = (answer.status_code, answer.json()["code"])
            told_apart = (missing.status_code, missing.json()["detail"]) != (found[0], answer.json()["detail"])
            if found != refusal or told_apart:
                wrong.append((method, path, answer.status_code, answer.text, missing.text))
    assert wrong == []


def test_without_a_key_the_answer_is_401_whether_the_object_exists_or_not(client_sqlite: TestClient) -> None:
    samples = make_samples(make_person("anna@example.com"))
    wrong: list[object] = []
    for method, path in ROUTES:
        for url in (PREFIX + path.format(**samples.ids_in(path)), PREFIX + path.format_map(_Unknown())):
            for headers in ({}, {"Authorization": "Bearer vit_unknown"}):
                answer = client_sqlite.request(method, url, headers=headers, json=_body(method, path))
                if (answer.status_code, answer.json()["code"]) != (401, "unauthenticated"):
                    wrong.append((method, url, headers, answer.status_code, answer.text))
    assert wrong == []


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
