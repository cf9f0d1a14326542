"""The forms of Create and Restyle: what a person set is there again, and a variation does not replace it."""

import pytest
from streamlit.testing.v1 import AppTest

from components.recipes.choices import CUT_OUT, EDIT
from components.recipes.form import RecipeSession
from db.ids import new_id
from db.models.jobs import OriginKind
from services.accounts.actor import Actor
from services.jobs import cancellation, submission
from services.jobs.origins import active_origins, jobs_of
from services.jobs.views import Origin
from services.studio.providers import resolver
from tests.components.conftest import opened
from tests.support.job_pictures import FREE, picture


@pytest.fixture
def chosen() -> RecipeSession:
    """The session of the form, on the card that crops and adjusts."""
    return RecipeSession(choice=EDIT)


@pytest.fixture
def create(owner: Actor, chosen: RecipeSession) -> AppTest:
    screen = opened("shop/generate")
    screen.session_state["vt_session.components.recipes.form.RecipeSession"] = chosen
    return screen.run()


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
