"""What a component told us, kept until a redraw acts on it.

A redraw may be cut short by the next click or the next event of a job; a trigger that only lived in that run would be
lost with it, a favourite or a cancellation silently undone. So each is noted before the script runs.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from components import state


def hearing(key: str, *names: str) -> dict[str, Callable[[], None]]:
    """The callbacks to mount the component `key` with, for its triggers `names`."""
    return {f"on_{name}_change": _noting(key, name) for name in names}


def take(key: str, name: str) -> list[Any]:
    """What was told since the last time, in order."""
    told: list[Any] = state.get(f"heard.{key}.{name}", [])
    state.put(f"heard.{key}.{name}", [])
    return told


def _noting(key: str, name: str) -> Callable[[], None]:
    def note() -> None:
        value = getattr(st.session_state[key], name, None)
        if value is not None:
            slot = f"heard.{key}.{name}"
            state.put(slot, [*state.get(slot, []), value])

    return note
