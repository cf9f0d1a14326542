"""Prices and the catalogue over the API."""

from collections.abc import Callable

from pydantic import SecretStr
from starlette.testclient import TestClient

import config
from config import Settings
from services.studio.operations import registry
from services.studio.providers.gemini import GeminiSettings
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
    assert set(listed) == {one.id for one in registry.operations()}
    assert listed["background"]["credits"] == 1
    assert listed["background"]["params"]["properties"]["preset"]
    assert listed["enhance"]["engines"] == ["on_device"] and listed["enhance"]["needs_key"] is False
    assert client_sqlite.get("/api/v1/operations").status_code == 401


def test_what_a_provider_does_is_listed_with_its_setting_and_quoted_only_with_its_key(
    client_sqlite: TestClient, person: Callable[..., Person], vitrine_sqlite: Settings
) -> None:
    anna = person("anna@example.com")
    body = {"recipe": {"steps": [{"op": "restyle"}]}, "count": 3}
    refused = client_sqlite.post("/api/v1/quotes", json=body, headers=anna.headers)
    assert (refused.status_code, refused.json()["code"]) == (503, "provider_unavailable")
    assert "VITRINE_GEMINI_API_KEY" in refused.json()["detail"]
    assert _restyle(client_sqlite, anna) == ([], True, False, "VITRINE_GEMINI_API_KEY")
    config.configure(vitrine_sqlite.model_copy(update={"providers": (GeminiSettings(api_key=SecretStr("a-key")),)}))
    quoted = client_sqlite.post("/api/v1/quotes", json=body, headers=anna.headers).json()
    assert (quoted["credits_total"], quoted["lines"][0]["engine"]) == (3, "ai")
    assert _restyle(client_sqlite, anna) == (["ai"], True, True, "VITRINE_GEMINI_API_KEY")


def _restyle(client: TestClient, person: Person) -> tuple[list[str], bool, bool, str]:
    listed = client.get("/api/v1/operations", headers=person.headers).json()["data"]
    found = next(one for one in listed if one["id"] == "restyle")
    return found["engines"], found["needs_key"], found["can_run_now"], found["setting"]
