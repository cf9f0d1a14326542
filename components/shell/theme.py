"""The look that Streamlit's own theme settings cannot express: layout, cards, and the parts of its chrome we hide.

Colours come from .streamlit/config.toml; here they are only mixed, so both themes stay in one place.
"""

from functools import cache
from pathlib import Path

import streamlit as st


@cache
def _css(name: str) -> str:
    return Path(__file__).with_name(name).read_text()


def apply() -> None:
    """Add the app's style sheet to the page; takes no space."""
    st.html(f"<style>{_css('theme.css')}</style>")


def apply_studio_style() -> None:
    """Add the style of the studio's screens to the page; takes no space."""
    st.html(f"<style>{_css('studio.css')}</style>")


def page_heading(title: str, text: str = "") -> None:
    """The heading of a screen and, in a line, what it is for."""
    paragraph = f"<p>{text}</p>" if text else ""
    st.html(f'<div class="vt-heading"><h1>{title}</h1>{paragraph}</div>')
