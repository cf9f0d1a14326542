"""The pieces of the account screen: name, password, and where one is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from components.account.devices import device
from components.kit.money import ago
from services.accounts.passwords import LENGTH_ADVICE
from services.accounts.sessions import SessionView


@dataclass(frozen=True)
class WantedPassword:
    """What the form asks for."""

    current: str
    new: str


@dataclass(frozen=True)
class SessionIntent:
    """Which session to end; None: every one but this."""

    session_id: str | None


def name_form(name: str, email: str) -> str | None:
    """The form for the name; the name once it is sent."""
    st.html("<h2>Profile</h2>")
    with st.form("vt_profile"):
        wanted = st.text_input("Your name or shop", name, max_chars=100, autocomplete="name")
        st.html(f'<p class="vt-muted vt-small">You sign in as {escape(email)}.</p>')
        sent = st.form_submit_button("Save name")
    return wanted if sent else None


def password_form() -> WantedPassword | None:
    """The form for a new password; emptied once it is sent, so that no password stays behind."""
    st.html("<h2>Password</h2>")
    with st.form("vt_password", clear_on_submit=True):
        left, right = st.columns(2)
        current = left.text_input("Current password", type="password", autocomplete="current-password")
        new = right.text_input("New password", type="password", autocomplete="new-password")
        st.html(
            f'<p class="vt-muted vt-small">{LENGTH_ADVICE} Everything else that signed in with your password is signed '
            "out. API keys keep working.</p>"
        )
        sent = st.form_submit_button("Change password")
    return WantedPassword(current, new) if sent else None


def session_list(found: Sequence[SessionView]) -> SessionIntent | None:
    """Where one is signed in, this browser first, each other with a way to end it."""
    st.html("<h2>Where you are signed in</h2>")
    intent: SessionIntent | None = None
    for session in sorted(found, key=lambda each: not each.is_current):
        with st.container(key=f"vt-card-{session.id}", horizontal=True, vertical_alignment="center"):
            st.html(_description(session))
            if not session.is_current and st.button("Sign out", key=f"vt_end_{session.id}", help=None):
                intent = SessionIntent(session.id)
    if any(not session.is_current for session in found) and st.button("Sign out everywhere else"):
        intent = SessionIntent(None)
    return intent


def _description(session: SessionView) -> str:
    mark = ' <span class="vt-pill">This browser</span>' if session.is_current else ""
    seen = "in use now" if session.is_current else f"last used {ago(session.seen_at)}"
    facts = " · ".join(filter(None, (session.address, seen, f"signed in {ago(session.created_at)}")))
    return (
        f'<div class="vt-key"><strong>{escape(device(session.user_agent))}</strong>{mark}<br>'
        f'<span class="vt-muted">{escape(facts)}</span></div>'
    )
