"""Jobs over HTTP."""

from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from services.jobs import reading, submission
from tests.api.conftest import Person
from tests.support.job_pictures import FREE, PRESET, TINY_ENHANCE, picture
from tests.support.job_workers import InlineWorker

URL = "/api/v1/jobs"


def start(client: TestClient, person: Person, recipe: object = PRESET, **headers: str) -> dict:  # type: ignore[type-arg]
    body = {"asset_ids": [picture(person.actor)], "recipe": recipe}
    answer = client.post(URL, json=body, headers={**person.headers, **headers})
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_a_job_is_accepted_with_its_price_and_its_addresses(client: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    body = {"asset_ids": [picture(anna.actor)], "recipe": PRESET}
    answer = client.post(URL, json=body, headers=anna.headers)
    job = answer.json()
    assert answer.status_code == 202
    assert (job["object"], job["status"], job["credits_held"], job["queue_position"]) == ("job", "queued", 1, 1)
    assert answer.headers["x-job-id"] == job["id"]
    assert (answer.headers["x-credits-charged"], answer.headers["x-credits-balance"]) == ("0", "12")
    for address in (job["urls"]["self"],):
        assert client.get(urlsplit(address).path, headers=anna.headers).json()["id"] == job["id"]


def test_a_finished_job_says_what_it_charged_and_how_good_it_is(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    job = start(client_sqlite, anna, TINY_ENHANCE)
    InlineWorker().run_all()
    done = client_sqlite.get(f"{URL}/{job['id']}", headers=anna.headers).json()
    assert (done["status"], done["progress"], done["credits_charged"], done["credits_held"]) == ("succeeded", 1, 1, 0)
    assert len(done["result_asset_ids"]) == 1
    assert {check["name"] for check in done["quality"]["checks"]} >= {"decodes", "size", "not_blank"}
    assert done["finished_at"].endswith("Z")


def test_the_same_idempotency_key_starts_one_job(client: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    body = {"asset_ids": [picture(anna.actor)], "recipe": PRESET}
    headers = {**anna.headers, "Idempotency-Key": "order-1"}
    first, second = (client.post(URL, json=body, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(client.get(URL, headers=anna.headers).json()["data"]) == 1
    other = client.post(URL, json={**body, "recipe": FREE}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_no_credits_is_a_402_with_a_code(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    photo = picture(anna.actor)
    submission.submit_many(anna.actor, PRESET, [photo] * 13)
    answer = client_sqlite.post(URL, json={"asset_ids": [photo], "recipe": PRESET}, headers=anna.headers)
    assert (answer.status_code, answer.json()["code"]) == (402, "insufficient_credits")
    assert len(reading.list_jobs(anna.actor, limit=100).items) == 13


def test_several_pictures_are_sent_to_batches(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    body = {"asset_ids": [picture(anna.actor)] * 2, "recipe": PRESET}
    answer = client_sqlite.post(URL, json=body, headers=anna.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "validation")
    assert "/batches" in answer.json()["detail"]
    assert answer.json()["errors"][0]["field"] == "asset_ids"


def test_a_job_that_costs_more_than_agreed_is_a_409(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    body = {"asset_ids": [picture(anna.actor)], "recipe": PRESET, "max_credits": 0}
    answer = client_sqlite.post(URL, json=body, headers=anna.headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "price_changed")
    assert client_sqlite.post(URL, json={**body, "max_credits": 1}, headers=anna.headers).status_code == 202


def test_a_recipe_that_cannot_run_names_the_field(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    recipe = {"steps": [{"op": "background", "params": {"preset": "amazonn"}}]}
    body = {"asset_ids": [picture(anna.actor)], "recipe": recipe}
    answer = client_sqlite.post(URL, json=body, headers=anna.headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "steps[0].params.preset"


def test_cancel_and_retry_over_the_api(client: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    job = start(client, anna)
    cancelled = client.post(f"{URL}/{job['id']}/cancel", headers=anna.headers)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert cancelled.headers["x-credits-balance"] == "13"
    again = client.post(f"{URL}/{job['id']}/retry", headers=anna.headers)
    assert (again.status_code, again.json()["status"], again.json()["id"]) == (202, "queued", job["id"])
    twice = client.post(f"{URL}/{job['id']}/retry", headers=anna.headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict")


def test_another_persons_job_is_a_404_everywhere(client: TestClient, person: Callable[..., Person]) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    job = start(client, anna)
    for method, path in (("GET", ""), ("POST", "/cancel"), ("POST", "/retry"), ("GET", "/events")):
        address = f"{URL}/{job['id']}{path}"
        assert client.request(method, address, headers=ben.headers).status_code == 404
        assert client.request(method, address).status_code == 401
    body = {"asset_ids": job["input_asset_ids"], "recipe": PRESET}
    assert client.post(URL, json=body, headers=ben.headers).status_code == 404
