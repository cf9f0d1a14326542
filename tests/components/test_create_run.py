"""The runs that Create shows, and what can be done about a picture that was not made."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

import db
from components.create import form
from components.create.draft import DraftSession
from components.create.submitting import submit_for
from components.create.tray import PhotoTray
from components.shell import guard
from db.ids import new_id
from db.models import Job, JobStatus
from db.models.jobs import OriginKind
from services.accounts.actor import Actor
from services.catalog.fields import ProductFields
from services.catalog.products import create_product
from services.credits.balances import balance
from services.jobs import submission
from services.jobs.views import Origin
from services.library.assets import get_asset
from tests.components.conftest import opened
from tests.support.job_pictures import FREE, picture


def change(job_id: str, **values: Any) -> None:
    with db.transaction() as session:
        job = session.get(Job, job_id)
        assert job is not None
        job.sqlmodel_update(values)
        session.add(job)


def test_create_finds_its_own_pictures_again_and_leaves_the_others_alone(owner: Actor) -> None:
    photo = picture(owner)
    mug = create_product(owner, ProductFields(sku="MUG-1", title="Mug"))
    for other in (mug.id, new_id("rst"), new_id("bat")):
        submission.submit(owner, FREE, photo, origin=Origin(OriginKind.SCREEN, other))
    screen = opened("shop/generate").run()
    assert not screen.exception
    assert "draft" not in screen.query_params

    mine = new_id("drf")
    submission.submit(owner, FREE, photo, origin=Origin(OriginKind.SCREEN, mine))
    screen = opened("shop/generate").run()
    assert screen.query_params["draft"] == mine


def test_an_address_that_names_a_batch_is_not_taken_for_a_draft(owner: Actor) -> None:
    batch = new_id("bat")
    submission.submit(owner, FREE, picture(owner), origin=Origin(OriginKind.SCREEN, batch))
    screen = opened("shop/generate", draft=batch).run()
    assert "Make more pictures" not in [button.label for button in screen.button]


def test_making_more_starts_an_empty_draft_and_its_jobs_stay_at_their_address(owner: Actor) -> None:
    draft = new_id("drf")
    submission.submit(owner, FREE, picture(owner), origin=Origin(OriginKind.SCREEN, draft))
    screen = opened("shop/generate", draft=draft).run()

    screen.button(key="run_new").click().run()
    assert "draft" not in screen.query_params
    assert screen.button(key="vt_make").label == "Make pictures"

    screen.query_params["draft"] = draft
    assert "Make more pictures" in [button.label for button in screen.run().button]


def test_a_double_click_submits_once_and_keeps_the_photos_that_came_after_the_first_click(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, later = (get_asset(owner, picture(owner, seed=seed)) for seed in range(2))
    session, drawn = DraftSession(tray=PhotoTray((first,))), form.price_button

    def clicked_twice(*told: Any, on_click: Callable[..., Any], args: Any, **more: Any) -> None:
        on_click(*args)
        session.tray.pictures += (later,)
        on_click(*args)
        drawn(*told, on_click=on_click, args=args, **more)

    monkeypatch.setattr(form, "price_button", clicked_twice)
    screen = opened("shop/generate")
    screen.session_state["vt_session.components.create.draft.DraftSession"] = session
    assert not screen.run().exception
    assert session.tray.pictures == (later,)
    assert balance(owner).held == 1

    monkeypatch.undo()
    monkeypatch.setattr(guard, "current_actor", lambda: owner)
    screen.run().button(key="run_new").click().run()
    assert session.tray.pictures == (later,)


def test_five_hundred_pictures_are_shown_with_as_many_queries_as_one(
    owner: Actor,
) -> None:
    def statements(count: int) -> int:
        draft, photo = new_id("drf"), picture(owner, seed=count)
        job = submission.submit(owner, FREE, photo, origin=Origin(OriginKind.SCREEN, draft))
        with db.transaction() as session:
            row = session.get(Job, job.id)
            assert row is not None
            session.add_all(
                Job(**{**row.model_dump(), "id": new_id("job"), "hold_id": None, "request_key": None})
                for _ in range(count - 1)
            )
        ran: list[str] = []
        with db.transaction() as session:
            engine = session.get_bind()
        listener = lambda *call: ran.append(call[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listener)
        screen = opened("shop/generate", draft=draft).run(timeout=20)
        sa.event.remove(engine, "before_cursor_execute", listener)
        assert not screen.exception
        return len(ran)

    few = statements(1)
    assert statements(500) == few


def test_a_retry_is_offered_only_where_it_can_help(owner: Actor) -> None:
    draft = new_id("drf")
    job = submission.submit(owner, FREE, picture(owner), origin=Origin(OriginKind.SCREEN, draft))
    change(job.id, status=JobStatus.FAILED, error_code="content_refused", error_message="No.")
    screen = opened("shop/generate", draft=draft)
    assert [button.label for button in screen.run().button] == ["Make more pictures", "Change something"]

    change(job.id, error_retryable=True)
    again, instead = [button.label for button in screen.run().button][1:]
    assert again.startswith("Try again · ")
    assert instead == "Change something first"


def test_a_button_drawn_before_the_session_ended_spends_nothing(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, draft_id = picture(owner), new_id("drf")
    monkeypatch.setattr(guard, "current_actor", lambda: None)
    assert submit_for(owner, draft_id, FREE, [photo], price=0, key=draft_id) == ()
    monkeypatch.setattr(guard, "current_actor", lambda: owner)
    assert len(submit_for(owner, draft_id, FREE, [photo], price=0, key=draft_id)) == 1
