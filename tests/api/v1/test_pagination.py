"""All lists go on the same way: every route that takes `starting_after`, as the OpenAPI document lists them."""

import pytest
from starlette.testclient import TestClient

from api.v1.app import PREFIX
from tests.api.conftest import DOCUMENT, make_person
from tests.api.v1.sample_objects import make_samples

LISTS = [
    path
    for path, item in sorted(DOCUMENT["paths"].items())
    if any(parameter["name"] == "starting_after" for parameter in item.get("get", {}).get("parameters", ()))
]


def test_there_are_lists() -> None:
    assert {"/assets", "/jobs", "/credits/transactions", "/notifications"} <= set(LISTS)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_goes_on_after_an_item_of_ones_own_and_no_other(client: TestClient, path: str) -> None:
    anna, ben = make_person("anna@example.com", "super_admin"), make_person("ben@example.com", "super_admin")
    samples = make_samples(anna)
    url = PREFIX + path.format(**samples.ids_in(path))
    own = [each["id"] for each in client.get(url, headers=anna.headers).json()["data"]]
    for who, cursor in ((anna, "nobodys_1"), (anna, "0"), *((ben, each) for each in own if "{" not in path)):
        answer = client.get(url, params={"starting_after": cursor}, headers=who.headers)
        assert answer.status_code == 422, answer.text
        assert [each["field"] for each in answer.json()["errors"]] == ["starting_after"]
    if own:
        answer = client.get(url, params={"starting_after": own[-1]}, headers=anna.headers)
        assert (answer.status_code, answer.json()["data"]) == (200, [])
