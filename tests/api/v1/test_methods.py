"""Which methods an address takes, for every address of the OpenAPI document."""

from typing import Any

import pytest
import structlog
from starlette.testclient import TestClient

from api.v1.app import PREFIX
from services.jobs import submission
from services.library import assets
from tests.api.conftest import DOCUMENT, make_person
from tests.api.v1.sample_objects import RECIPE, make_samples, mug

PATHS: dict[str, dict[str, Any]] = DOCUMENT["paths"]
READ = sorted(path for path, item in PATHS.items() if "get" in item)


def test_a_refused_method_gets_every_method_of_its_address(client_sqlite: TestClient) -> None:
    for path, item in PATHS.items():
        answer = client_sqlite.request("OPTIONS", PREFIX + path)
        taken = {method.upper() for method in item} & {"GET", "POST", "PUT", "PATCH", "DELETE"}
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), path
        assert set(answer.headers["allow"].split(", ")) == taken | ({"HEAD"} if "GET" in taken else set()), path


@pytest.mark.parametrize("path", READ)
def test_head_answers_as_get_does_without_the_body(client_sqlite: TestClient, path: str) -> None:
    anna = make_person("anna@example.com", "super_admin")
    url = PREFIX + path.format(**make_samples(anna).ids_in(path))
    got = client_sqlite.get(url, headers=anna.headers)
    head = client_sqlite.head(url, headers=anna.headers)
    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("content-type", "etag", "cache-control", "content-disposition"):
        assert head.headers.get(name) == got.headers.get(name), name
    assert client_sqlite.head(url).status_code == client_sqlite.get(url).status_code


def test_head_of_a_job_that_is_being_followed_does_not_wait_for_its_end(client_sqlite: TestClient) -> None:
    anna = make_person("anna@example.com", credits=5)
    job = submission.submit(anna.actor, RECIPE, assets.upload(anna.actor, mug(), "mug.jpg").id)
    head = client_sqlite.head(f"{PREFIX}/jobs/{job.id}/events", headers=anna.headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")


def test_the_log_calls_a_head_a_head(client_sqlite: TestClient) -> None:
    with structlog.testing.capture_logs() as logged:
        client_sqlite.head(f"{PREFIX}/health")
        assert client_sqlite.head(f"{PREFIX}/jobs/x/cancel").headers["allow"] == "POST"
    assert [(each["method"], each["path"]) for each in logged if each["event"] == "request"] == [
        ("HEAD", f"{PREFIX}/health"),
        ("HEAD", f"{PREFIX}/jobs/{{job_id}}/cancel"),
    ]
