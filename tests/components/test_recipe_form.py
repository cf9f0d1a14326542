"""The forms of Create and Restyle: what a person set is there again, and a variation does not replace it."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import Field
from streamlit.testing.v1 import AppTest

import db
from components.create.draft import DraftSession
from components.create.tray import PhotoTray
from components.recipes.choices import AS_BEFORE, CUT_OUT, EDIT, TWO_SHOTS
from components.recipes.form import RecipeSession
from db.ids import new_id
from db.models import Asset, Job
from db.models.jobs import OriginKind
from services.accounts.actor import Actor
from services.credits.balances import balance
from services.jobs import cancellation, submission
from services.jobs.origins import active_origins, jobs_of
from services.jobs.reading import get_job
from services.jobs.views import Origin
from services.library.assets import get_asset
from services.studio.operations import registry
from services.studio.operations.contract import AssetId, Operation, Params
from services.studio.providers import resolver
from services.studio.recipes import parse_recipe
from tests.components.conftest import opened
from tests.support.job_pictures import FREE, picture
from tests.support.job_workers import InlineWorker


class StampParams(Params):
    copies: int = Field(1, ge=1)
    words: str = ""
    behind: AssetId


class Stamp(Operation[StampParams]):
    id, title, summary, stage, credits = "stamp", "Stamp", "Stamps a picture.", "Stamping", 1
    params = StampParams


@pytest.fixture
def stamp() -> Iterator[str]:
    """An operation with a card of its own, whose parameters are a number, words and a picture."""
    registry.register(Stamp())
    yield Stamp.id
    registry.reset(())


@pytest.fixture
def chosen() -> RecipeSession:
    """The session of the form, on the card that crops and adjusts."""
    return RecipeSession(choice=EDIT)


@pytest.fixture
def create(owner: Actor, chosen: RecipeSession) -> AppTest:
    screen = opened("shop/generate")
    screen.session_state["vt_session.components.recipes.form.RecipeSession"] = chosen
    return screen.run()


def add_photo(screen: AppTest, owner: Actor, seed: int = 0) -> str:
    """Put one more photo into the draft."""
    photo = picture(owner, seed=seed)
    session: DraftSession = screen.session_state["vt_session.components.create.draft.DraftSession"]
    session.tray = PhotoTray((*session.tray.pictures, get_asset(owner, photo)))
    screen.run()
    return photo


def submitted(owner: Actor) -> list[dict[str, Any]]:
    """The steps of what was submitted last."""
    (origin, *_) = active_origins(owner)
    steps: list[dict[str, Any]] = jobs_of(owner, origin).jobs[0].recipe["steps"]
    return steps


def set_to(screen: AppTest, label: str) -> float:
    return float(next(slider.value for slider in screen.slider if slider.label == label))


def set_slider(screen: AppTest, label: str, value: float) -> None:
    next(slider for slider in screen.slider if slider.label == label).set_value(value)


def test_switching_cards_loses_nothing_even_in_the_moment_after_a_change(
    create: AppTest, chosen: RecipeSession
) -> None:
    set_slider(create, "Straighten", 5.0)
    create.run()
    set_slider(create, "Brightness", 20)
    chosen.choice = CUT_OUT  # before the run that the change starts has drawn the slider
    create.run()
    assert len(create.slider) == 0
    chosen.choice = EDIT
    create.run()
    assert (set_to(create, "Straighten"), set_to(create, "Brightness")) == (5.0, 20)


def test_a_variation_lasts_as_long_as_its_draft_and_then_the_persons_own_options_are_back(
    create: AppTest, owner: Actor
) -> None:
    set_slider(create, "Straighten", 5.0)
    create.run()
    draft = new_id("drf")
    made = submission.submit(owner, FREE, picture(owner), origin=Origin(OriginKind.SCREEN, draft))
    cancellation.cancel_job(owner, made.id)
    create.query_params["draft"] = draft
    create.run().button(key="result_vary").click().run()
    assert set_to(create, "Straighten") == 0
    set_slider(create, "Brightness", 20)
    create.run()
    assert set_to(create, "Brightness") == 20

    create.button(key="vt_make").click().run()
    (origin,) = active_origins(owner)
    (job,) = jobs_of(owner, origin).jobs
    assert [step["op"] for step in job.recipe["steps"]] == ["rotate", "adjust"]
    create.button(key="run_new").click().run()
    assert not create.exception
    assert (set_to(create, "Straighten"), set_to(create, "Brightness")) == (5.0, 0)


def test_steps_that_no_card_can_show_are_offered_for_their_draft_only(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    draft = new_id("drf")
    recipe = {"steps": [{"op": "remove_background"}], "output": {"format": "jpeg"}}
    made = submission.submit(owner, recipe, picture(owner), origin=Origin(OriginKind.SCREEN, draft))
    cancellation.cancel_job(owner, made.id)
    create.query_params["draft"] = draft
    create.run().button(key="result_vary").click().run()
    assert "The same steps again: Remove background." in [caption.value for caption in create.caption]

    create.button(key="vt_make").click().run()
    create.button(key="run_new").click().run()
    assert (chosen.choice, chosen.variation) == (EDIT, None)
    assert set_to(create, "Straighten") == 0


def test_words_for_restyling_outlast_a_run_without_the_form(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    able = [True]
    monkeypatch.setattr(resolver, "can_run", lambda *_: able[0])
    screen = opened("shop/restyle").run()
    screen.text_area[0].input("In green felt")
    able[0] = False
    assert len(screen.run().text_area) == 0
    able[0] = True
    assert screen.run().text_area[0].value == "In green felt"


def test_a_variation_of_a_toy_lasts_as_long_as_its_draft(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "can_run", lambda *_: True)
    draft = new_id("rst")
    made = submission.submit(owner, FREE, picture(owner), origin=Origin(OriginKind.SCREEN, draft))
    toy = {"op": "restyle", "params": {"style": "cartoon", "size": "large", "words": "In green felt"}}
    cancellation.cancel_job(owner, made.id)
    with db.transaction() as session:
        job = session.get(Job, made.id)
        assert job is not None
        job.recipe = parse_recipe({"steps": [toy]}).canonical()
        session.add(job)
    screen = opened("shop/restyle").run()
    screen.text_area[0].input("With a scarf").run()

    screen.query_params["draft"] = draft
    screen.run().button(key="result_vary").click().run()
    assert screen.text_area[0].value == "In green felt"
    screen.text_area[0].input("In red felt").run()
    assert screen.text_area[0].value == "In red felt"

    screen.query_params["draft"] = draft
    screen.run().button(key="run_new").click().run()
    assert not screen.exception
    assert screen.text_area[0].value == "With a scarf"


def test_an_option_typed_just_before_the_click_is_made(
    create: AppTest, owner: Actor, chosen: RecipeSession, stamp: str
) -> None:
    chosen.choice = stamp
    add_photo(create, owner)
    other = add_photo(create, owner, 1)
    create.number_input[0].set_value(3)
    next(one for one in create.text_input if one.label == "Words").input("Sale")
    create.button(key="vt_make").click().run()
    assert not create.exception
    assert submitted(owner) == [{"op": "stamp", "params": {"copies": 3, "words": "Sale", "behind": other}}]


def test_an_option_that_costs_more_than_the_price_pressed_is_refused(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    chosen.choice = "amazon_main"
    add_photo(create, owner)
    create.checkbox[0].check()
    create.button(key="vt_make").click().run()
    assert "This now costs 2 credits, more than the 1 you agreed to." in "".join(
        html.proto.body for html in create.get("html")
    )
    assert balance(owner).held == 0
    assert create.button(key="vt_make").label == "Make 1 picture · 2 credits"

    create.button(key="vt_make").click().run()
    assert balance(owner).held == 2


def test_a_picture_chosen_for_one_draft_is_not_chosen_in_the_next(
    create: AppTest, owner: Actor, chosen: RecipeSession, stamp: str
) -> None:
    chosen.choice = stamp
    first = add_photo(create, owner)
    add_photo(create, owner, 1)
    create.selectbox[0].set_value(first)
    create.number_input[0].set_value(3).run()
    create.button(key="vt_make").click().run()
    create.button(key="run_new").click().run()
    add_photo(create, owner, 2)
    assert "Behind: add it to your photos." in [caption.value for caption in create.caption]
    latest = add_photo(create, owner, 3)
    assert create.selectbox[0].value == latest
    assert create.number_input[0].value == 3


def test_choosing_as_before_when_its_draft_was_just_sent_leaves_a_card_chosen(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    chosen.choice = AS_BEFORE
    assert not create.run().exception
    add_photo(create, owner)
    assert create.button(key="vt_make").label == "Make 1 picture · 1 credit"


def test_two_photos_make_one_picture_and_both_leave_the_tray(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    chosen.choice = TWO_SHOTS
    on_white = add_photo(create, owner)
    assert create.button(key="vt_make").disabled
    assert "Add the other photo and the price shows here." in [caption.value for caption in create.caption]

    on_black = add_photo(create, owner, 1)
    assert create.button(key="vt_make").label == "Make 1 picture · 2 credits"
    create.button(key="vt_make").click().run()
    assert not create.exception
    (origin,) = active_origins(owner)
    (job,) = jobs_of(owner, origin).jobs
    assert (job.input_asset_id, job.recipe["steps"]) == (
        on_white,
        [{"op": "two_shots", "params": {"on_black": on_black}}],
    )
    assert balance(owner).held == 2
    session: DraftSession = create.session_state["vt_session.components.create.draft.DraftSession"]
    assert session.tray.pictures == ()


def test_the_photo_on_black_can_be_named_and_a_third_photo_is_one_too_many(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    chosen.choice = TWO_SHOTS
    first, _ = add_photo(create, owner), add_photo(create, owner, 1)
    on_black = next(one for one in create.selectbox if one.label == "The photo on black paper")
    on_black.set_value(first).run()
    assert create.button(key="vt_make").label == "Make 1 picture · 2 credits"

    add_photo(create, owner, 2)
    assert create.button(key="vt_make").disabled
    words = [caption.value for caption in create.caption]
    assert "This takes two photos of one product: remove the others." in words


def test_two_photos_can_be_put_on_a_marketplaces_frame_at_once(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    chosen.choice = TWO_SHOTS
    add_photo(create, owner), add_photo(create, owner, 1)
    next(one for one in create.selectbox if one.label == "Put it on").set_value("etsy").run()
    assert create.button(key="vt_make").label == "Make 1 picture · 3 credits"
    create.button(key="vt_make").click().run()
    assert [step["op"] for step in submitted(owner)] == ["two_shots", "background"]


def shown_result(screen: AppTest, owner: Actor, details: dict[str, Any]) -> str:
    """Show a draft with a finished picture that has these details; the id of the photo it was made of."""
    draft, photo = new_id("drf"), picture(owner)
    made = submission.submit(owner, FREE, photo, origin=Origin(OriginKind.SCREEN, draft))
    InlineWorker().run_all()
    with db.transaction() as session:
        result = session.get(Asset, get_job(owner, made.id).result_asset_ids[0])
        assert result is not None
        result.details = {**result.details, **details}
        session.add(result)
    screen.query_params["draft"] = draft
    assert not screen.run().exception
    return photo


def test_a_result_that_looks_transparent_leads_to_two_photos_with_its_photo_chosen(
    create: AppTest, owner: Actor, chosen: RecipeSession
) -> None:
    photo = shown_result(create, owner, {"looks_transparent": True, "marketplace": {"preset": "etsy", "rules": []}})
    create.button(key="result_two_shots").click().run()
    assert not create.exception
    assert chosen.choice == TWO_SHOTS
    assert next(one for one in create.selectbox if one.label == "Put it on").value == "etsy"

    on_black = add_photo(create, owner, 1)
    create.button(key="vt_make").click().run()
    (origin, *_) = active_origins(owner)
    (job,) = jobs_of(owner, origin).jobs
    assert (job.input_asset_id, job.recipe["steps"][0]["params"]) == (photo, {"on_black": on_black})


def test_a_result_that_looks_solid_is_offered_no_second_photo(create: AppTest, owner: Actor) -> None:
    shown_result(create, owner, {"looks_transparent": False})
    assert "result_two_shots" not in [button.key for button in create.button]
