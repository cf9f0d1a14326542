"""How the toy shall look: styles as pictures, sizes, and words of one's own."""

from typing import Any

import streamlit as st

from components import state
from components.frontend import parts
from services.studio.recipes import Recipe, parse_recipe

_cards = st.components.v2.component("vitrine_restyle_styles", **parts("restyle_styles"))

_STYLES = (
    ("cute", "Cute", "Round, soft, big-eyed"),
    ("realistic", "Realistic", "True to the product"),
    ("cartoon", "Cartoon", "Bold shapes, flat colours"),
)
_SIZES = {"small": "Small, pocket-sized", "medium": "Medium, for two hands", "large": "Large, to hug"}
_WORDS_MAX = 300


def restyle_form() -> Recipe:
    """Draw the choices; the recipe they make."""
    choice = str(state.get("restyle.style", "cute"))
    styles = tuple(
        {"id": id, "title": title, "note": note, "picture": f"/assets/restyle-{id}.webp"} for id, title, note in _STYLES
    )
    _cards(data={"choice": choice, "styles": styles}, key="restyle_styles", on_choice_change=_choose)
    st.session_state.setdefault(_key("size"), "medium")
    size = st.segmented_control(
        "Size of the toy", list(_SIZES), format_func=_SIZES.__getitem__, required=True, key=_key("size")
    )
    words = st.text_area(
        "Anything else? (optional)",
        placeholder="In green felt, with a little scarf",
        max_chars=_WORDS_MAX,
        height=90,
        key=_key("words"),
    )
    return parse_recipe({"steps": [_step(choice, str(size), words or "")]})


def fill_form(recipe: object) -> None:
    """Set the choices to those of a recipe before they are drawn: for a variation of a picture made earlier."""
    step = next(step for step in parse_recipe(recipe).canonical()["steps"] if step["op"] == "restyle")
    state.put("restyle.style", step["params"]["style"])
    st.session_state[_key("size")] = step["params"]["size"]
    st.session_state[_key("words")] = step["params"]["words"]


def _choose() -> None:
    choice = getattr(st.session_state["restyle_styles"], "choice", None)
    if choice:
        state.put("restyle.style", choice)


def _step(style: str, size: str, words: str) -> dict[str, Any]:
    return {"op": "restyle", "params": {"style": style, "size": size, "words": words}}


def _key(name: str) -> str:
    return f"vt_restyle.{name}"
