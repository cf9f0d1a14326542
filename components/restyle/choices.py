"""How the toy shall look: styles as pictures, sizes, and words of one's own."""

from dataclasses import dataclass, field

import streamlit as st

from components.kit.kept import Kept
from components.kit.parts import parts
from components.kit.session import session_of
from services.studio.recipes import Recipe, parse_recipe

_cards = st.components.v2.component("vitrine_restyle_styles", **parts("restyle/restyle_styles"))

_STYLES = (
    ("cute", "Cute", "Round, soft, big-eyed"),
    ("realistic", "Realistic", "True to the product"),
    ("cartoon", "Cartoon", "Bold shapes, flat colours"),
)
_SIZES = {"small": "Small, pocket-sized", "medium": "Medium, for two hands", "large": "Large, to hug"}
_WORDS_MAX = 300


@dataclass
class RestyleSession:
    """The style that is chosen, what the widgets for size and words start at and what they were set to: `filled` counts
    how often the form was filled, since widgets that are to be reset need new keys."""

    style: str = "cute"
    size: str = "medium"
    words: str = ""
    filled: int = 0
    kept: Kept = field(default_factory=Kept)


def restyle_form() -> None:
    """Draw the choices."""
    session = session_of(RestyleSession)
    styles = tuple(
        {"id": id, "title": title, "note": note, "picture": f"/assets/restyle-{id}.webp"} for id, title, note in _STYLES
    )
    _cards(data={"choice": session.style, "styles": styles}, key="restyle_styles", on_choice_change=_choose)
    st.segmented_control(
        "Size of the toy",
        list(_SIZES),
        default=session.kept.start(_key("size"), session.size),
        format_func=_SIZES.__getitem__,
        required=True,
        **session.kept.widget(_key("size")),
    )
    st.text_area(
        "Anything else? (optional)",
        session.kept.start(_key("words"), session.words),
        placeholder="In green felt, with a little scarf",
        max_chars=_WORDS_MAX,
        height=90,
        **session.kept.widget(_key("words")),
    )


def chosen_recipe() -> Recipe:
    """The recipe that the choices make at this moment: also words typed just before the button was pressed."""
    session = session_of(RestyleSession)
    params = {
        "style": session.style,
        "size": _now("size", session.size),
        "words": _now("words", session.words),
    }
    return parse_recipe({"steps": [{"op": "restyle", "params": params}]})


def fill_form(recipe: object) -> None:
    """Set the choices to those of a recipe before they are drawn: for a variation of a picture made earlier."""
    step = next(step for step in parse_recipe(recipe).canonical()["steps"] if step["op"] == "restyle")
    session = session_of(RestyleSession)
    session.style, session.size, session.words = (step["params"][name] for name in ("style", "size", "words"))
    session.filled += 1


def _choose() -> None:
    choice = getattr(st.session_state["restyle_styles"], "choice", None)
    if choice:
        session_of(RestyleSession).style = str(choice)


def _now(name: str, otherwise: str) -> str:
    """What a widget is set to: its own value, which is newer if its callback has not run yet, else what was kept."""
    kept = session_of(RestyleSession).kept.start(_key(name), otherwise)
    return str(st.session_state.get(_key(name), kept))


def _key(name: str) -> str:
    return f"vt_restyle.{session_of(RestyleSession).filled}.{name}"
