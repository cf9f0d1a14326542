"""The markup, style and script of the v2 components, read once from the files beside this one."""

from functools import cache
from pathlib import Path
from typing import TypedDict

import streamlit as st

FOLDER = Path(__file__).parent


class Parts(TypedDict):
    """What `st.components.v2.component` takes. All three are ours alone: a person's data goes through `data`."""

    html: str
    css: str
    js: str


def parts(name: str) -> Parts:
    """The files `<name>.html|css|js`; the shared look comes before the component's own."""
    return Parts(html=_read(f"{name}.html"), css=_read("look.css") + _read(f"{name}.css"), js=_read(f"{name}.js"))


def apply_studio_style() -> None:
    """Add the style of the studio's screens to the page; takes no space."""
    st.html(f"<style>{_read('studio.css')}</style>")


@cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
