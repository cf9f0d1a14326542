"""The staff's system screen says how it stands with each machine's cut-out model, also while it is being fetched."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import db
from components.recipes.words import cut_out_words
from components.shell import guard
from components.staff.machines_report import words
from config import Settings
from db import clock
from db.models import ModelState, Role
from db.models.engine import Worker
from services.accounts import registration
from services.studio import machine_models
from services.studio.machine_models import ModelOnMachine

PAGE = Path(__file__).parents[2] / "pages" / "admin" / "system.py"
MODEL = "isnet-general-use"
MB = 1024 * 1024


def _on(hostname: str, state: ModelState, **more: object) -> ModelOnMachine:
    return ModelOnMachine(hostname, MODEL, state, **more)  # type: ignore[arg-type]


def test_every_machine_with_a_worker_is_listed_with_its_model(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chief = registration.create_user("chief@example.com", "correct horse battery", role=Role.SUPER_ADMIN)
    monkeypatch.setattr(guard, "require_permission", lambda *_: chief)
    with db.transaction() as session:
        for name in ("one", "two"):
            session.add(Worker(id=name, hostname=name, pid=1, version="1", concurrency=1, seen_at=clock.now()))
    page = AppTest.from_file(str(PAGE), default_timeout=30).run()
    assert "No machine wants one" in _text(page)

    machine_models.note(_on("one", ModelState.HERE))
    machine_models.note(_on("two", ModelState.FETCHING, received_bytes=45 * MB, total_bytes=180 * MB))
    shown = _text(page.run())

    assert not page.exception
    assert '<td data-title="State">Here</td>' in shown
    assert "Being fetched: 45.0 MB of 180.0 MB (25%)" in shown


def test_what_is_missing_is_said_with_the_next_try() -> None:
    moment = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
    refused = _on("one", ModelState.ABSENT, problem="github.com answered with error 403.", try_again_at=moment)
    assert words(refused) == "Not here. github.com answered with error 403. Next try at 25 Nov 2026, 14:30 UTC."
    assert words(_on("one", ModelState.FETCHING)) == "Being fetched"
    assert words(_on("one", ModelState.FETCHING, received_bytes=3 * MB)) == "Being fetched: 3.0 MB"


def test_a_picture_says_what_cut_it_out() -> None:
    assert cut_out_words("rembg:isnet-general-use") == "isnet-general-use"
    assert cut_out_words("built-in") == "the built-in method"
    assert cut_out_words(None) == ""


def _text(page: AppTest) -> str:
    return " ".join(str(element.proto.body) for element in page.get("html"))
