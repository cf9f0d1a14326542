"""What a shop owner is putting together on the Create page: photos taken in, refusals, and the run that came of it."""

from collections.abc import Callable, Iterable, Sequence
from uuid import uuid4

import streamlit as st

from components.kit import state
from components.kit.picture_upload import REFUSALS_KEPT, Refusal
from components.recipes.choices import AS_BEFORE, read_recipe
from components.recipes.form import fill_form
from services.errors import ServiceError
from services.library.views import AssetView

Load = tuple[str, Callable[[], AssetView]]
"""The name of a photo, and what takes it into the library."""

_RUN_IN_ADDRESS = "jobs"
_CREATE = "generate"


def pictures() -> tuple[AssetView, ...]:
    """The photos of the draft, in the order they came."""
    found: tuple[AssetView, ...] = state.get("generate.pictures", ())
    return found


def queue(loads: Iterable[Load]) -> None:
    """Line photos up to be taken in. They wait in the tab, so an interrupted intake goes on with the next redraw."""
    state.put("generate.waiting", [*waiting(), *loads])


def waiting() -> list[Load]:
    """The photos still to be taken in."""
    found: list[Load] = state.get("generate.waiting", [])
    return found


def take_next() -> None:
    """Take in the first of the line; what is refused is remembered with its reason."""
    name, load = waiting()[0]
    try:
        state.put("generate.pictures", (*pictures(), load()))
    except ServiceError as error:
        refuse([Refusal(name, error.message)])
    state.put("generate.waiting", waiting()[1:])


def refuse(refused: Iterable[Refusal]) -> None:
    """Remember what could not be taken, until it has been read."""
    state.put("generate.refusals", (*refusals(), *refused)[-REFUSALS_KEPT:])


def forget_refusals() -> None:
    """They have been read; a new drop zone takes the place of the one that still shows them."""
    state.put("generate.refusals", ())
    state.put("generate.upload_turn", int(state.get("generate.upload_turn", 0)) + 1)


def refusals() -> tuple[Refusal, ...]:
    """What could not be taken and has not been dismissed."""
    found: tuple[Refusal, ...] = state.get("generate.refusals", ())
    return found


def remove(asset_id: str) -> None:
    """Take one photo out of the draft; it stays in the library."""
    state.put("generate.pictures", tuple(each for each in pictures() if each.id != asset_id))


def begin(chosen: Iterable[AssetView], recipe: object | None = None) -> None:
    """Start a draft with these pictures and, for a variation, a recipe: on its card, or as steps to repeat."""
    state.put("generate.pictures", tuple(chosen))
    state.put("generate.refusals", ())
    show_run(())
    if recipe is None:
        return
    if card := read_recipe(recipe):
        fill_form(card.choice, card.options)
    else:
        state.put("generate.as_before", recipe)
        state.put("generate.choice", AS_BEFORE)


def key() -> str:
    """What makes pressing the button twice one submission: the same for a draft until it has become a run."""
    found = str(state.get("generate.key", "") or uuid4().hex)
    state.put("generate.key", found)
    return found


def became(job_ids: Sequence[str], screen: str = _CREATE) -> None:
    """The draft has been handed in: forget it and watch its jobs on that screen."""
    state.put("generate.pictures", ())
    state.put("generate.refusals", ())
    state.put("generate.key", "")
    show_run(job_ids, screen)


def run(found_again: Callable[[], Sequence[str]], screen: str = _CREATE) -> tuple[str, ...]:
    """Ids of the jobs on show on a screen: this tab's, those in the address after a reload, or `found_again` in a new
    tab."""
    kept: tuple[str, ...] | None = state.get(f"{screen}.run")
    if kept is None:
        named = st.query_params.get(_RUN_IN_ADDRESS, "")
        kept = tuple(id for id in named.split(",") if id) or tuple(found_again())
        state.put(f"{screen}.run", kept)
    if kept and _RUN_IN_ADDRESS not in st.query_params:
        st.query_params[_RUN_IN_ADDRESS] = ",".join(kept)
    return kept


def show_run(job_ids: Sequence[str], screen: str = _CREATE) -> None:
    """Show these jobs, or a fresh draft if there are none. The address follows, so that a reload finds them."""
    state.put(f"{screen}.run", tuple(job_ids))
    state.put("generate.picked", None)
    st.query_params.pop(_RUN_IN_ADDRESS, None)
