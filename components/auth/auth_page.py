"""The frame of the two screens at the door."""

import re
from typing import Literal

import streamlit as st

from components.auth.auth_form import auth_form
from components.shell import page_table
from services.accounts import form_cookies
from services.accounts.actor import Actor


def draw(intent: Literal["sign-in", "register"], title: str, text: str, *, already: Actor | None) -> None:
    """Draw the form, or move on when the person is signed in."""
    next_path = safe_path(str(st.query_params.get("next", "/")))
    if already:
        st.switch_page(page_table.HOME.script)
    flash = (
        form_cookies.open_flash(st.context.cookies.get(form_cookies.FLASH_COOKIE, ""))
        if "error" in st.query_params
        else None
    )
    with st.container(key="vt-auth-card"):
        st.html(f'<div class="vt-auth-title"><h1>{title}</h1><p>{text}</p></div>')
        auth_form(
            intent,
            next_path=next_path,
            error=flash.message if flash else "",
            email=flash.email if flash else "",
        )


def safe_path(given: str) -> str:
    """`given` if it is a path on this site, else "/": a link must not send people elsewhere after they signed in."""
    return given if re.fullmatch(r"/[\w\-/]*(\?[\w\-.~%+=&]*)?", given) and not given.startswith("//") else "/"
