"""The touch-up editor: strokes on a photo, drawn and undone in the browser, and the button that saves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.kit import triggers
from components.kit.parts import parts

_editor = st.components.v2.component("vitrine_touch_up", **parts("touch_up/editor"))
_ADDRESS = "/editor/touch-up"


@dataclass(frozen=True)
class SaveIntent:
    """The strokes to save, as plain data from the browser, the price that stood on the button, and a key that two
    clicks of the same save share."""

    strokes: list[Any]
    credits: int
    key: str


def touch_up_editor(
    asset_id: str,
    name: str,
    strokes: Sequence[dict[str, Any]],
    save: str,
    credits: int,
    *,
    can_save: bool,
    key: str,
) -> SaveIntent | None:
    """The editor of a result with the strokes it has so far; `save` is what its button says, `credits` its price.
    Returns what to save when it was pressed."""
    _editor(
        data={
            "id": asset_id,
            "name": name,
            "address": f"{_ADDRESS}/{asset_id}",
            "strokes": list(strokes),
            "save": save,
            "credits": credits,
            "can_save": can_save,
        },
        key=key,
        **triggers.callbacks(key, "save"),
    )
    pressed = triggers.take(key, "save")
    if not pressed:
        return None
    told = pressed[-1]
    return SaveIntent(list(told["strokes"]), int(told["credits"]), str(told["key"])[:80])
