"""The bar on top of every screen: where to go, what there is to spend, whose account it is, which theme."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from components.shell.page_table import Screen

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "vitrine_header",
    html=(_HERE / "header.html").read_text(),
    css=(_HERE / "header.css").read_text(),
    js=(_HERE / "header.js").read_text(),
    isolate_styles=False,  # a link in a shadow tree hides the skip link from accessibility checkers
)


@dataclass(frozen=True)
class HeaderData:
    """What the bar shows. `balance` is (available, held) credits, None when it could not be read."""

    current: str
    links: tuple[Screen, ...]
    more: tuple[Screen, ...]
    signed_in: bool
    name: str = ""
    email: str = ""
    theme: str = "system"
    balance: tuple[int, int] | None = None
    active: bool = False


@dataclass(frozen=True)
class HeaderIntent:
    """What the person chose: an address to go to, or a theme."""

    go: str | None
    theme: str | None


def header(shown: HeaderData) -> HeaderIntent:
    """Draw the bar and return what was chosen in it."""
    chosen = _component(
        key="vt_header",
        data={  # tuples: given a list or a dict here, Streamlit loads pandas to see whether it is a table
            "current": shown.current,
            "links": tuple(_link(screen) for screen in shown.links),
            "more": tuple(_link(screen) for screen in shown.more),
            "signed_in": shown.signed_in,
            "name": shown.name,
            "email": shown.email,
            "theme": shown.theme,
            "balance": shown.balance,
            "active": shown.active,
        },
        on_go_change=_noted,
        on_theme_change=_noted,
    )
    return HeaderIntent(go=chosen.go, theme=chosen.theme)


def _noted() -> None:
    """Streamlit hands a trigger over only when it has a callback."""


def _link(screen: Screen) -> dict[str, str]:
    return {"path": screen.path, "href": screen.address, "title": screen.title, "icon": screen.icon}
