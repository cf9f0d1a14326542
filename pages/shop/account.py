"""Account: name, password, and where one is signed in."""

import streamlit as st

from components.account import account
from components.shell import feedback, guard
from components.shell.theme import page_heading
from services.accounts.profile import change_name, change_password, sign_out_everywhere_else
from services.accounts.sessions import list_sessions, revoke_session

actor = guard.require_actor()
page_heading("Account", "Your name, your password, and where you are signed in.")


def done(message: str) -> None:
    """Say so on the fresh page."""
    feedback.toast_after_rerun(message)
    st.rerun()


with feedback.errors_shown():
    if (name := account.name_form(actor.name, actor.email)) is not None:
        change_name(actor, name)
        done("Your name is saved.")
with feedback.errors_shown():
    if wanted := account.password_form():
        change_password(actor, wanted.current, wanted.new)
        done("Your password is changed. Everywhere else is signed out.")
with feedback.errors_shown():
    intent = account.session_list(list_sessions(actor))
    if intent and intent.session_id:
        revoke_session(actor, intent.session_id)
        done("That browser is signed out.")
    elif intent:
        sign_out_everywhere_else(actor)
        done("Everywhere else is signed out.")
