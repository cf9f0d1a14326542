"""How the toy shall look: styles as pictures, sizes, and words of one's own."""

from dataclasses import dataclass, field
from functools import partial

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
class Look:
    """The style that is chosen, what the widgets for size and words start at, and what they were set to. A variation's
    is `of` its draft, since widgets that start at something else need other keys."""

    style: str = "cute"
    size: str = "medium"
    words: str = ""
    of: str = ""
    kept: Kept = field(default_factory=Kept)

    def key(self, name: str) -> str:
        return f"vt_restyle.{self.of}.{name}"

    def now(self, name: str, otherwise: str) -> str:
        return str(self.kept.now(self.key(name), otherwise))


@dataclass
class RestyleSession:
    """What the person set herself, and by draft what a variation is set to."""

    own: Look = field(default_factory=Look)
    variations: dict[str, Look] = field(default_factory=dict)


def restyle_form(draft_id: str) -> None:
    """Draw the choices."""
    look = _look(draft_id)
    styles = tuple(
        {"id": id, "title": title, "note": note, "picture": f"/assets/restyle-{id}.webp"} for id, title, note in _STYLES
    )
    data = {"choice": look.style, "styles": styles}
    _cards(data=data, key="restyle_styles", on_choice_change=partial(_choose, draft_id))
    st.segmented_control(
        "Size of the toy",
        list(_SIZES),
        default=look.kept.start(look.key("size"), look.size),
        format_func=_SIZES.__getitem__,
        required=True,
        **look.kept.widget(look.key("size")),
    )
    st.text_area(
        "Anything else? (optional)",
        look.kept.start(look.key("words"), look.words),
        placeholder="In green felt, with a little scarf",
        max_chars=_WORDS_MAX,
        height=90,
        **look.kept.widget(look.key("words")),
    )


def chosen_recipe(draft_id: str) -> Recipe:
    """The recipe that the choices make at this moment: also words typed just before the button was pressed."""
    look = _look(draft_id)
    params = {"style": look.style, "size": look.now("size", look.size), "words": look.now("words", look.words)}
    return parse_recipe({"steps": [{"op": "restyle", "params": params}]})


def fill_form(recipe: object, draft_id: str) -> None:
    """Set the choices to those of a recipe, for a draft that is a variation of a picture made earlier."""
    params = next(step for step in parse_recipe(recipe).canonical()["steps"] if step["op"] == "restyle")["params"]
    look = Look(params["style"], params["size"], params["words"], of=draft_id)
    session_of(RestyleSession).variations[draft_id] = look


def _look(draft_id: str) -> Look:
    session = session_of(RestyleSession)
    return session.variations.get(draft_id, session.own)


def _choose(draft_id: str) -> None:
    choice = getattr(st.session_state["restyle_styles"], "choice", None)
    if choice:
        _look(draft_id).style = str(choice)
