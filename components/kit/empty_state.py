"""What an empty list says."""

from html import escape

import streamlit as st


def empty_state(title: str, text: str, *, icon: str = "photo_library", main: bool = False) -> None:
    """What an empty list says instead of nothing; put the button that fills it right below.

    `main` makes it the heading of a whole screen.
    """
    level = "h1" if main else "h2"
    st.html(
        f'<div class="vt-empty"><span class="vt-empty-icon" data-icon="{escape(icon)}" aria-hidden="true"></span>'
        f"<{level}>{escape(title)}</{level}><p>{escape(text)}</p></div>"
    )
