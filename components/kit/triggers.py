"""What a person did in a component, kept until a redraw acts on it.

A redraw may be cut short by the next click or the next event of a job, and a trigger that only lived in that run would
be lost with it. So each is stored before the script runs.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st


def callbacks(key: str, *names: str) -> dict[str, Any]:
    """The callbacks to mount the component `key` with, for its triggers `names`."""
    return {f"on_{name}_change": _storing(key, name) for name in names}


def take(key: str, name: str) -> list[Any]:
    """The values of the trigger since the last time, in order."""
    values: list[Any] = st.session_state.get(_slot(key, name), [])
    st.session_state[_slot(key, name)] = []
    return values


def _storing(key: str, name: str) -> Callable[[], None]:
    def store() -> None:
        value = getattr(st.session_state.get(key), name, None)  # nothing, of a component that is no longer drawn
        if value is not None:
            st.session_state[_slot(key, name)] = [*st.session_state.get(_slot(key, name), []), value]

    return store


def _slot(key: str, name: str) -> str:
    return f"vt_trigger.{key}.{name}"
