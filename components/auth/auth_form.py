"""The form to sign in or create an account: a real HTML form, so that password managers know it."""

from pathlib import Path
from typing import Literal

import streamlit as st

from services.accounts.passwords import LENGTH_ADVICE, MIN_CHARACTERS

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "vitrine_auth_form",
    html=(_HERE / "auth_form.html").read_text(),
    css=(_HERE / "auth_form.css").read_text(),
    js=(_HERE / "auth_form.js").read_text(),
    isolate_styles=False,  # password managers do not look into a shadow tree
)


def auth_form(intent: Literal["sign-in", "register"], *, next_path: str, error: str = "", email: str = "") -> None:
    """Draw the form; it posts to /auth/session, which answers with a redirect to `next_path` or back here."""
    rules = {"min_characters": MIN_CHARACTERS, "length_advice": LENGTH_ADVICE}
    data = {"intent": intent, "next": next_path, "error": error, "email": email, **rules}
    _component(key=f"vt_auth_{intent}", data=data)
