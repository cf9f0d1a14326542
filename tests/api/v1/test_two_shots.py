"""Two photos of a thing over the API: named as an input, quoted, and listed with how to shoot them."""

from collections.abc import Callable

from starlette.testclient import TestClient

from services import credits
from services.jobs import reading
from tests.api.conftest import Person
from tests.support.job_pictures import picture

RECIPE = {"steps": [{"op": "two_shots"}, {"op": "background", "params": {"preset": "etsy"}}]}


def test_the_photo_on_black_is_an_input_of_the_job(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    anna = person("anna@example.com")
    white, black = picture(anna.actor), picture(anna.actor, seed=1)
    body = {"asset_ids": [white], "inputs": {"on_black": black}, "recipe": RECIPE}

    job = client_sqlite.post("/api/v1/jobs", json=body, headers=anna.headers).json()

    assert job["input_asset_ids"] == [white, black]
    assert job["recipe"]["steps"][0]["params"] == {"on_black": black}
    assert credits.balance(anna.actor).held == 3


def test_a_job_without_the_photo_on_black_or_with_somebody_elses_is_refused(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna, ben = person("anna@example.com"), person("ben@example.com")
    white, theirs = picture(anna.actor), picture(ben.actor)

    lacking = client_sqlite.post("/api/v1/jobs", json={"asset_ids": [white], "recipe": RECIPE}, headers=anna.headers)
    body = {"asset_ids": [white], "inputs": {"on_black": theirs}, "recipe": RECIPE}
    foreign = client_sqlite.post("/api/v1/jobs", json=body, headers=anna.headers)

    assert (lacking.status_code, lacking.json()["errors"][0]["field"]) == (422, "steps[0].params.on_black")
    assert foreign.status_code == 404
    assert reading.list_jobs(anna.actor).items == ()


def test_it_is_listed_with_how_to_shoot_and_quoted_only_as_the_first_step(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    anna = person("anna@example.com")
    listed = client_sqlite.get("/api/v1/operations", headers=anna.headers).json()["data"]
    found = next(one for one in listed if one["id"] == "two_shots")
    assert (found["credits"], found["engines"]) == (2, ["on_device"])
    assert "white paper" in found["description"] and "black" in found["description"]
    assert found["params"]["required"] == ["on_black"]

    two = {"op": "two_shots", "params": {"on_black": "ast_1"}}
    quoted = client_sqlite.post("/api/v1/quotes", json={"recipe": {"steps": [two]}}, headers=anna.headers)
    late = {"recipe": {"steps": [{"op": "enhance"}, two]}}
    refused = client_sqlite.post("/api/v1/quotes", json=late, headers=anna.headers)
    assert quoted.json()["credits_each"] == 2
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "steps[1].op")
