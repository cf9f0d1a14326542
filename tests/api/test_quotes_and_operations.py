"""Prices and the catalogue over the API."""

from collections.abc import Callable

from starlette.testclient import TestClient

from services.studio.operations import CATALOGUE
from tests.api.conftest import Person


def test_a_quote_includes_the_cut_out_in_the_background(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    recipe = {"steps": [{"op": "remove_background"}, {"op": "background", "params": {"preset": "ebay"}}]}
    answer = client_sqlite.post(
        "/api/v1/quotes", json={"recipe": recipe, "count": 5}, headers=person("anna@example.com").headers
    )
    quoted = answer.json()
    assert (answer.status_code, quoted["credits_each"], quoted["credits_total"]) == (200, 1, 5)
    assert [line["credits"] for line in quoted["lines"]] == [0, 1]
    assert quoted["recipe"]["output"]["format"] == "jpeg"


def test_a_quote_for_a_wrong_recipe_names_the_field(client_sqlite: TestClient, person: Callable[..., Person]) -> None:
    body = {"recipe": {"steps": [{"op": "crop", "params": {"width": 2}}]}}
    answer = client_sqlite.post("/api/v1/quotes", json=body, headers=person("anna@example.com").headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "steps[0].params.width"


def test_the_catalogue_lists_every_operation_with_its_schema(
    client_sqlite: TestClient, person: Callable[..., Person]
) -> None:
    answer = client_sqlite.get("/api/v1/operations", headers=person("anna@example.com").headers)
    listed = {one["id"]: one for one in answer.json()["data"]}
    assert set(listed) == set(CATALOGUE)
    assert listed["background"]["credits"] == 1
    assert listed["background"]["params"]["properties"]["preset"]
    assert listed["enhance"]["engines"] == ["on_device"] and listed["enhance"]["needs_key"] is False
    assert client_sqlite.get("/api/v1/operations").status_code == 401
