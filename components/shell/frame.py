"""What surrounds every screen: page settings, the look, the header with the live balance, and the toast left behind."""

from urllib.parse import parse_qsl

import streamlit as st

from components.shell import feedback, guard, page_table
from components.shell.header import HeaderData, header
from components.shell.page_table import Screen
from components.shell.session import shell_session
from services.accounts import profile
from services.accounts.actor import Actor
from services.credits.balances import balance as credit_balance
from services.jobs.reading import has_active_jobs

_LIVE_SECONDS = 1.0


def begin(screen: Screen, actor: Actor | None) -> None:
    """Draw what comes before a screen."""
    title = screen.title if screen is page_table.LANDING else f"{screen.title} · Vitrine"
    st.set_page_config(page_title=title, layout="wide")
    run_every = _LIVE_SECONDS if actor and _active(actor) else None
    session = shell_session()
    session.arrived, session.screen = session.screen != screen.path, screen.path
    session.jobs_were_active = run_every is not None
    st.fragment(_header, run_every=run_every)(screen, actor)
    feedback.show_waiting_toast()


def _header(screen: Screen, actor: Actor | None) -> None:
    """The bar; while jobs run it redraws every second, and once they have ended it refreshes the page a last time."""
    if actor is not None and shell_session().jobs_were_active and guard.current_actor() is None:
        st.rerun()  # signed out elsewhere: between the runs of the page no guard looks
    active = actor is not None and shell_session().jobs_were_active and _active(actor)
    links = tuple(each for each in page_table.SCREENS if each.in_header) if actor else ()
    menu = (page_table.ACCOUNT, page_table.KEYS, page_table.ANALYTICS, page_table.PROMPTS, page_table.SYSTEM)
    more = tuple(each for each in menu if actor and each.is_open_to(actor))
    intent = header(
        HeaderData(
            current=screen.path,
            links=links,
            more=more,
            signed_in=actor is not None,
            name=actor.name if actor else "",
            email=actor.email if actor else "",
            theme=actor.theme if actor else "system",
            balance=_balance(actor) if actor else None,
            active=active,
        )
    )
    if intent.theme and actor:
        profile.change_theme(actor, intent.theme)
        st.rerun()
    if intent.go is not None:
        path, _, query = intent.go.partition("?")
        st.switch_page(_script(path, actor), query_params=dict(parse_qsl(query)))
    if shell_session().jobs_were_active and not active:
        shell_session().jobs_were_active = False
        st.rerun()


def _script(path: str, actor: Actor | None) -> str:
    """The script at an address of the header; the start screen's for anything else."""
    known = {screen.path: screen.script for screen in page_table.SCREENS}
    return known.get(path, page_table.start_screen(actor).script)


def _active(actor: Actor) -> bool:
    return has_active_jobs(actor)


def _balance(actor: Actor) -> tuple[int, int]:
    current = credit_balance(actor)
    return current.available, current.held
