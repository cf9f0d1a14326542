"""Developers: the API in one call, and the keys that open it."""

import streamlit as st

from components.developers import api_keys
from components.kit.session import session_of
from components.shell import feedback, guard
from components.shell.theme import page_heading
from config import settings
from services.accounts.api_keys import create_api_key, list_api_keys, regenerate_api_key, revoke_api_key
from services.errors import ServiceError

actor = guard.require_actor()
page_heading("Developers", "Everything the studio does, from your own program.")
api_keys.example_call(settings().public_url)
session = session_of(api_keys.KeysSession)
try:
    if wanted := api_keys.creation_form():
        made = create_api_key(actor, wanted.name, wanted.scopes, wanted.expires_at)
        session.made = made.key.name, made.secret
    if session.made and api_keys.secret_shown_once(*session.made):
        session.made = None
        st.rerun()
    intent = api_keys.key_list(list_api_keys(actor))
    if intent and intent.action == "revoke":
        revoke_api_key(actor, intent.key_id)
        feedback.toast_after_rerun("The key is switched off.")
        st.rerun()
    if intent and intent.action == "regenerate":
        remade = regenerate_api_key(actor, intent.key_id)
        session.made = remade.key.name, remade.secret
        st.rerun()
except ServiceError as error:
    feedback.show_error(error)
