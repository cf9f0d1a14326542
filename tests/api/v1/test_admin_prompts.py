"""Prompts over the API: who may look, who may change, what becomes of each version."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

import db
from db.models import SecurityEvent
from tests.api.conftest import Person, make_person

PATH = "/api/v1/admin/prompts"
NEW = {"operation": "restyle", "model": "gemini-2.5-flash-image", "template": "Sew {style}, {size}.{wishes}"}


@pytest.fixture
def chief(client: TestClient) -> Person:
    return make_person("chief@example.com", "super_admin")


def test_the_shipped_version_is_in_force_until_another_is_and_a_roll_back_is_a_version_too(
    client: TestClient, chief: Person
) -> None:
    (shipped,) = client.get(PATH, headers=chief.headers).json()["data"]
    assert (shipped["version"], shipped["in_force"], shipped["model"]) == (0, True, "gemini-2.5-flash-image")
    assert shipped["preview"].startswith("Redraw the main product of this photo as a cute plush toy")

    made = client.post(PATH, json=NEW | {"note": "Shorter"}, headers=chief.headers)
    assert made.status_code == 201
    assert (made.json()["version"], made.json()["price_micros"], made.json()["author"]) == (
        1,
        39_000,
        chief.actor.email,
    )
    assert made.json()["preview"].startswith("Sew a cute plush toy")

    back = client.post(f"{PATH}/{shipped['id']}/rollback", headers=chief.headers)
    assert (back.status_code, back.json()["version"]) == (201, 2)
    assert (back.json()["template"], back.json()["note"]) == (shipped["template"], "Back to version 0")
    listed = client.get(PATH, headers=chief.headers).json()["data"]
    assert [(one["version"], one["in_force"]) for one in listed] == [(2, True), (1, False), (0, False)]
    again = client.post(f"{PATH}/{back.json()['id']}/rollback", headers=chief.headers)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    with db.snapshot() as session:
        events = session.exec(select(SecurityEvent).where(SecurityEvent.user_id == chief.actor.id)).all()
    changes = [(one.kind, one.details["version"]) for one in events if one.kind.startswith("prompt")]
    assert changes == [("prompt_changed", 1), ("prompt_rolled_back", 2)]


def test_support_can_read_and_not_change_and_others_cannot_read(client: TestClient, chief: Person) -> None:
    support = make_person("support@example.com", "support_admin")
    assert client.get(PATH, headers=support.headers).status_code == 200
    for outsider in (make_person("finance@example.com", "finance_admin"), make_person("anna@example.com")):
        assert client.get(PATH, headers=outsider.headers).status_code == 403
    for person in (support, make_person("ben@example.com")):
        assert client.post(PATH, json=NEW, headers=person.headers).status_code == 403
        assert client.post(f"{PATH}/pmt_shipped_restyle/rollback", headers=person.headers).status_code == 403
    assert len(client.get(PATH, headers=chief.headers).json()["data"]) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"template": "Sew {style}, {size}."}, "template"),
        ({"template": "Sew {style}, {size}.{wishes} {secret}"}, "template"),
        ({"template": "Sew {style.__class__}, {size}.{wishes}"}, "template"),
        ({"template": "Sew {style!r}, {size}.{wishes}"}, "template"),
        ({"template": "Sew {style, {size}.{wishes}"}, "template"),
        ({"model": "../files", "price_micros": 1}, "model"),
        ({"model": "gemini-unheard-of"}, "price_micros"),
    ],
)
def test_what_could_not_be_sent_is_refused(client_sqlite: TestClient, change: dict[str, object], field: str) -> None:
    chief = make_person("chief@example.com", "super_admin")
    answer = client_sqlite.post(PATH, json=NEW | change, headers=chief.headers)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_repeated_request_makes_one_version(client_sqlite: TestClient) -> None:
    chief = make_person("chief@example.com", "super_admin")
    for _ in range(2):
        answer = client_sqlite.post(PATH, json=NEW, headers=chief.headers | {"Idempotency-Key": "once"})
        assert (answer.status_code, answer.json()["version"]) == (201, 1)
