"""What a shop owner is putting together on the Create page: photos taken in, refusals, and the run that came of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

import streamlit as st

from components import state
from components.recipe_choices import AS_BEFORE, read_recipe
from components.recipe_form import fill_form
from services.errors import ServiceError
from services.library.views import AssetView

_RUN_IN_ADDRESS = "jobs"


@dataclass(frozen=True)
class Refusal:
    """A file that could not be taken, and why, in the words of the library."""

    name: str
    reason: str


def pictures() -> tuple[AssetView, ...]:
    """The photos of the draft, in the order they came."""
    found: tuple[AssetView, ...] = state.get("generate.pictures", ())
    return found


def take(loads: Sequence[tuple[str, Callable[[], AssetView]]], on_done: Callable[[int], None]) -> None:
    """Take photos in: (name, how to load it) each. What is refused is remembered with its reason; the rest joins."""
    taken, refused = [], []
    for number, (name, load) in enumerate(loads):
        try:
            taken.append(load())
        except ServiceError as error:
            refused.append(Refusal(name, error.message))
        on_done(number + 1)
    state.put("generate.pictures", (*pictures(), *taken))
    state.put("generate.refusals", tuple(refused))


def refusals() -> tuple[Refusal, ...]:
    """What the last intake refused."""
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


def became(job_ids: Sequence[str]) -> None:
    """The draft has been handed in: forget it and watch its jobs."""
    state.put("generate.pictures", ())
    state.put("generate.refusals", ())
    state.put("generate.key", "")
    show_run(job_ids)


def run(found_again: Callable[[], Sequence[str]]) -> tuple[str, ...]:
    """Ids of the jobs on show: this tab's, those in the address after a reload, or `found_again` in a new tab."""
    kept: tuple[str, ...] | None = state.get("generate.run")
    if kept is None:
        named = st.query_params.get(_RUN_IN_ADDRESS, "")
        kept = tuple(id for id in named.split(",") if id) or tuple(found_again())
        state.put("generate.run", kept)
    if kept and _RUN_IN_ADDRESS not in st.query_params:
        st.query_params[_RUN_IN_ADDRESS] = ",".join(kept)
    return kept


def show_run(job_ids: Sequence[str]) -> None:
    """Show these jobs, or a fresh draft if there are none. The address follows, so that a reload finds them."""
    state.put("generate.run", tuple(job_ids))
    state.put("generate.picked", None)
    st.query_params.pop(_RUN_IN_ADDRESS, None)
