"""The schema of an event: what of it goes where in the row, and what becomes of older versions."""

from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

import db
from config import Settings
from services import events
from services.events.event import UnreadableEvent, stored_event
from tests.support.event_log import recorded


class Baked(events.Event):
    kind: ClassVar[str] = "test.baked"
    version: ClassVar[int] = 2
    subjects: ClassVar[tuple[str, ...]] = ("cake_id", "order_id")

    user_id: None = None
    cake_id: str
    order_id: str | None = None
    minutes: int

    @classmethod
    def upgrade(cls, version: int, fields: dict[str, Any]) -> dict[str, Any]:
        return {"cake_id": fields["cake_id"], "minutes": fields["hours"] * 60}


def test_ids_of_subjects_are_kept_apart_from_the_payload() -> None:
    cake = Baked(cake_id="cke_1", minutes=40)
    assert cake.subject_ids() == {"cake_id": "cke_1"}
    assert cake.payload() == {"minutes": 40}


def test_an_event_comes_back_as_it_was_recorded(vitrine: Settings) -> None:
    cake = Baked(cake_id="cke_1", order_id="ord_1", minutes=40)
    with db.transaction() as session:
        assert events.record(session, cake).startswith("evt_")
    assert recorded() == [cake]


def test_an_older_version_is_read_as_the_newest() -> None:
    assert stored_event("test.baked", 1, None, {"cake_id": "cke_1", "hours": 2}) == Baked(cake_id="cke_1", minutes=120)


@pytest.mark.parametrize(("kind", "version"), [("test.unheard_of", 1), ("test.baked", 3)])
def test_what_this_release_does_not_know_is_not_guessed_at(kind: str, version: int) -> None:
    with pytest.raises(UnreadableEvent):
        stored_event(kind, version, None, {})


def test_a_payload_that_does_not_fit_its_schema_is_refused() -> None:
    with pytest.raises(ValidationError):
        stored_event("test.baked", 2, None, {"cake_id": "cke_1", "minutes": "a few"})


def test_two_events_cannot_be_of_the_same_kind() -> None:
    with pytest.raises(TypeError, match=r"test\.baked"):
        type("Baked", (events.Event,), {"kind": "test.baked", "__module__": __name__, "__annotations__": {}})
