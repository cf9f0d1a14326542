"""The touch-up screen without a browser: what it costs, what it refuses, and what saving does."""

from typing import Any

import pytest
import streamlit as st

from components.shell import guard
from components.touch_up.view import save_label, why
from services.accounts.actor import Actor
from services.credits.balances import balance
from services.jobs import reading, submission
from tests.components.conftest import opened
from tests.support.job_pictures import picture, shop_owner
from tests.support.job_workers import InlineWorker

STROKES = [{"mode": "keep", "points": [[0.1, 0.1]], "width": 0.04, "softness": 0.0, "snap": True}]
SAVED = "vt_trigger.touch_up.save"


@pytest.fixture(autouse=True)
def ways(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What the screen left for, as queries of addresses; there are no other screens here."""
    left_for: list[dict[str, str]] = []
    monkeypatch.setattr(st, "switch_page", lambda _script, query_params: left_for.append(query_params))
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    return left_for


@pytest.fixture
def result(owner: Actor) -> str:
    """A cut-out that was paid for."""
    job = submission.submit(owner, {"steps": [{"op": "remove_background"}]}, picture(owner))
    worker = InlineWorker()
    worker.run_all()
    worker.close()
    return reading.get_job(owner, job.id).result_asset_ids[0]


def saving(asset_id: str, **told: Any) -> None:
    """Open the screen as the browser has it open, at the moment when it tells of a press of the button."""
    screen = opened("shop/touch_up", id=asset_id)
    screen.session_state[SAVED] = [{"strokes": STROKES, "credits": 0, "key": "once", **told}]
    screen.run()


def test_the_price_is_said_and_why() -> None:
    assert [save_label(credits) for credits in (0, 1, 2)] == [
        "Save · free",
        "It is good: use 1 credit",
        "It is good: use 2 credits",
    ]
    assert "paid for this picture" in why(0)
    assert "not charged" in why(1)


def test_a_paid_cut_out_opens_and_saves_once_for_nothing(owner: Actor, result: str, ways: list[dict[str, str]]) -> None:
    screen = opened("shop/touch_up", id=result).run()
    assert not screen.exception
    assert screen.caption[0].value == why(0)
    for _ in range(2):
        saving(result)
    [touched_up, _] = reading.list_jobs(owner).items
    assert touched_up.credits_held == 0
    assert touched_up.recipe["steps"][1] == {"op": "touch_up", "params": {"strokes": STROKES}}
    assert ways == [{"draft": touched_up.origin.id}] * 2
    assert balance(owner).held == 0


def test_what_cannot_be_touched_up_is_said_in_words(owner: Actor) -> None:
    for asset_id in (picture(owner), "ast_unknown", ""):
        screen = opened("shop/touch_up", id=asset_id).run()
        assert not screen.exception
        assert not screen.caption


def test_another_person_s_picture_is_not_shown(result: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger = shop_owner("stranger@example.com")
    monkeypatch.setattr(guard, "current_actor", lambda: stranger)
    saving(result)
    assert reading.list_jobs(stranger).items == ()
