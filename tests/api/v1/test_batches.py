"""Batches over HTTP."""

import io
import zipfile
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from tests.api.conftest import Person
from tests.support.job_pictures import PRESET, TINY_ENHANCE, picture
from tests.support.job_workers import InlineWorker

URL = "/api/v1/batches"


def start(client: TestClient, person: Person, count: int, **headers: str) -> dict:  # type: ignore[type-arg]
    body = {"asset_ids": [picture(person.actor)] * count, "recipe": TINY_ENHANCE}
    answer = client.post(URL, json=body, headers={**person.headers, **headers})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_a_batch_is_made_read_and_downloaded_by_its_addresses(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    made = start(client_sqlite, anna, 2)
    assert (made["object"], made["status"], made["credits_held"], made["credits_charged"]) == ("batch", "queued", 2, 0)
    assert made["counts"] == {
        "queued": 2,
        "running": 0,
        "succeeded": 0,
        "doubtful": 0,
        "failed": 0,
        "cancelled": 0,
    }
    archive = urlsplit(made["urls"]["archive"]).path
    assert client_sqlite.get(archive, headers=anna.headers).status_code == 409
    InlineWorker().run_all()
    done = client_sqlite.get(urlsplit(made["urls"]["self"]).path, headers=anna.headers).json()
    assert (done["status"], done["counts"]["succeeded"], done["credits_charged"]) == ("succeeded", 2, 2)
    answer = client_sqlite.get(archive, headers=anna.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as opened:
        assert len(opened.namelist()) == 2
    jobs = client_sqlite.get("/api/v1/jobs", headers=anna.headers).json()["data"]
    assert {job["batch_id"] for job in jobs} == {made["id"]}
    listed = client_sqlite.get(URL, headers=anna.headers).json()
    assert ([batch["id"] for batch in listed["data"]], listed["has_more"]) == ([made["id"]], False)


def test_a_batch_is_cancelled_and_skipped_over_the_api(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    made = start(client_sqlite, anna, 3)
    job = client_sqlite.get("/api/v1/jobs", headers=anna.headers).json()["data"][0]
    skip = urlsplit(made["urls"]["skip"]).path
    answer = client_sqlite.post(skip, json={"job_ids": [job["id"]]}, headers=anna.headers)
    assert (answer.status_code, answer.json()["counts"]["cancelled"]) == (200, 1)
    assert client_sqlite.post(skip, json={"job_ids": []}, headers=anna.headers).status_code == 422
    answer = client_sqlite.post(urlsplit(made["urls"]["cancel"]).path, headers=anna.headers)
    assert (answer.json()["status"], answer.json()["credits_held"]) == ("cancelled", 0)
    assert answer.headers["x-credits-balance"] == "13"
    answer = client_sqlite.post(urlsplit(made["urls"]["retry_failed"]).path, headers=anna.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_the_same_idempotency_key_makes_one_batch(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    body = {"asset_ids": [picture(anna.actor)], "recipe": PRESET}
    headers = {**anna.headers, "Idempotency-Key": "order-1"}
    first, second = (client_sqlite.post(URL, json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(client_sqlite.get(URL, headers=anna.headers).json()["data"]) == 1


def test_what_cannot_be_made_is_refused_whole(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    photo = picture(anna.actor)
    cases = [
        ({"asset_ids": [photo] * 14}, 402, "insufficient_credits"),
        ({"asset_ids": [photo], "max_credits": 0}, 409, "price_changed"),
        ({"asset_ids": [photo] * 501}, 422, "validation"),
        ({}, 422, "validation"),
        ({"product_ids": ["prd_nobodys"]}, 404, "not_found"),
    ]
    for chosen, status, code in cases:
        answer = client_sqlite.post(URL, json={"recipe": PRESET, **chosen}, headers=anna.headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code), chosen
    answer = client_sqlite.post(URL, json={"recipe": PRESET, "asset_ids": [photo]}, headers=ben.headers)
    assert answer.status_code == 404
    assert client_sqlite.get("/api/v1/jobs", headers=anna.headers).json()["data"] == []
