"""What a shop owner is making: the photos of the draft, and the jobs that came of it.

A draft has an id. It is the origin of its jobs, and it stands in the address once there are any, so that reload, back
and a second tab show the same pictures.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import streamlit as st

from components.create.tray import PhotoTray
from components.kit.session import session_of
from components.recipes.form import end_variation, vary
from components.shell import page_table
from components.shell.page_table import Screen
from components.shell.session import shell_session
from db.ids import new_id
from services.accounts.actor import Actor
from services.jobs.origins import OriginJobs, active_origins, jobs_of
from services.library.views import AssetView

_IN_ADDRESS = "draft"
_PREFIXES = {page_table.GENERATE: "drf", page_table.RESTYLE: "rst"}
"""The screens that make drafts, and what their drafts' ids begin with."""


@dataclass
class DraftSession:
    """What a tab keeps of drafts. The photos are shared by the screens; the rest is by path of a screen: the draft that
    is still being put together, the one to show whatever the address says (until that has caught up), and the one shown
    last with its jobs. `picked` is the job that is shown large, `known` the pictures looked up so far."""

    tray: PhotoTray = field(default_factory=PhotoTray)
    unsent: dict[str, str] = field(default_factory=dict)
    coming: dict[str, str] = field(default_factory=dict)
    sent: dict[str, str] = field(default_factory=dict)
    picked: str | None = None
    known: dict[str, AssetView | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """The draft on show, and its jobs if it has been submitted."""

    id: str
    jobs: OriginJobs


def draft_session() -> DraftSession:
    """The session of the screens that make pictures."""
    return session_of(DraftSession)


def current(actor: Actor, screen: Screen) -> Draft:
    """The draft that a screen is to show: the address's; on arriving from elsewhere without one, this tab's last or one
    whose pictures are being made; else the one that is not submitted yet."""
    session = draft_session()
    named = str(st.query_params.get(_IN_ADDRESS, ""))
    if re.fullmatch(rf"{_PREFIXES[screen]}_[0-9a-f]{{32}}", named):
        if session.coming.get(screen.path) == named:
            del session.coming[screen.path]
    else:
        named = session.coming.get(screen.path, "")
        if not named and shell_session().arrived:
            named = session.sent.get(screen.path) or _being_made(actor, screen)
    draft_id = named or session.unsent.setdefault(screen.path, new_id(_PREFIXES[screen]))
    found = jobs_of(actor, draft_id)
    if found.jobs:
        session.sent[screen.path] = draft_id
        if st.query_params.get(_IN_ADDRESS) != draft_id:
            st.query_params[_IN_ADDRESS] = draft_id
    return Draft(draft_id, found)


def begin(screen: Screen, pictures: Iterable[AssetView] = (), recipe: object | None = None) -> str:
    """Start a draft with these pictures; on Create, with the options last set there or, for a variation, a recipe's.
    Returns its id."""
    session = draft_session()
    session.tray = PhotoTray(tuple(pictures), waiting=session.tray.waiting)
    session.picked = None
    session.unsent[screen.path] = session.coming[screen.path] = new_id(_PREFIXES[screen])
    st.query_params.pop(_IN_ADDRESS, None)
    if recipe is not None:
        vary(recipe)
    elif screen is page_table.GENERATE:
        end_variation()
    return session.unsent[screen.path]


def was_submitted(screen: Screen, draft_id: str, asset_ids: Collection[str]) -> None:
    """Show the jobs of the draft from now on, and put the next one together from what was not in it. Told again, after
    a double click, this changes nothing."""
    session = draft_session()
    tray = session.tray
    tray.pictures, tray.refusals = tuple(each for each in tray.pictures if each.id not in asset_ids), ()
    session.picked = None
    if session.unsent.get(screen.path) == draft_id:
        del session.unsent[screen.path]
    session.coming[screen.path] = draft_id
    if screen is page_table.GENERATE:
        end_variation()


def _being_made(actor: Actor, screen: Screen) -> str:
    return next((id for id in active_origins(actor) if id.startswith(f"{_PREFIXES[screen]}_")), "")
