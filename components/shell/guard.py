"""The first statement of every screen: who is here, and may they be.

The cookie is read from the moment the browser connected, so the session behind it is looked up in the database on
every rerun: signing out or being suspended elsewhere ends it here too.
"""

from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from components.shell import feedback, page_table
from services.accounts import sessions
from services.accounts.actor import Actor
from services.accounts.permissions import Permission
from services.errors import Forbidden


def current_actor() -> Actor | None:
    """Who this browser's session belongs to, as the database says now."""
    token = st.context.cookies.get(sessions.COOKIE)
    return sessions.actor_for_session(token) if token else None


def visitor() -> Actor | None:
    """Guard of a public screen: lets everyone in and says who it is."""
    return current_actor()


def require_actor() -> Actor:
    """Guard of a screen for signed-in people: others land on the sign-in page and come back after it."""
    return current_actor() or _ask_to_sign_in()


def require_permission(permission: Permission) -> Actor:
    """Guard of a staff screen: signed in, with this permission. Raises `Forbidden`."""
    actor = require_actor()
    actor.require(permission)
    return actor


def require_open(screen: page_table.Screen, actor: Actor | None) -> None:
    """The same rule from the page table, before the screen's script runs at all: others are told so, and it ends."""
    if screen.is_open_to(actor):
        return
    if actor is None:
        _ask_to_sign_in(screen)
    staff = actor.may(Permission.USE_STAFF_API)
    words = "Your role does not include this page." if staff else "This page is for Vitrine's staff only."
    feedback.show_escaped(Forbidden(words))
    st.stop()


def _ask_to_sign_in(screen: page_table.Screen | None = None) -> NoReturn:
    path = screen.path if screen else ""
    query = urlencode(list(st.query_params.items()))  # a link to one picture leads to that picture afterwards
    wanted = f"/{path}{'?' if query else ''}{query}"
    st.switch_page(page_table.SIGN_IN.script, query_params={"next": wanted} if path else None)
