"""The one owner of `st.session_state` keys: what a browser tab remembers between reruns."""

from typing import Any

import streamlit as st

_TOAST = "vt_toast"
_NEW_KEY_SECRET = "vt_new_key_secret"  # noqa: S105  the name of a slot
_JOBS_WERE_ACTIVE = "vt_jobs_were_active"


def leave_toast(message: str, icon: str | None = None) -> None:
    """Keep a toast for the next rerun: one shown just before `st.rerun()` is never seen."""
    st.session_state[_TOAST] = (message, icon)


def take_toast() -> tuple[str, str | None] | None:
    """The toast left by the run before, once."""
    left: tuple[str, str | None] | None = st.session_state.pop(_TOAST, None)
    return left


def keep_new_key_secret(name: str, secret: str) -> None:
    """Keep a new API key on screen until `drop_new_key_secret`; it is stored nowhere else in the clear."""
    st.session_state[_NEW_KEY_SECRET] = (name, secret)


def new_key_secret() -> tuple[str, str] | None:
    """Name and secret of the API key made a moment ago."""
    kept: tuple[str, str] | None = st.session_state.get(_NEW_KEY_SECRET)
    return kept


def drop_new_key_secret() -> None:
    st.session_state.pop(_NEW_KEY_SECRET, None)


def jobs_were_active() -> bool:
    """Whether the header last drew with jobs running, so that their end can refresh the page once."""
    return bool(st.session_state.get(_JOBS_WERE_ACTIVE, False))


def remember_jobs_active(active: bool) -> None:
    st.session_state[_JOBS_WERE_ACTIVE] = active


def slot(key: str) -> str:
    """The name of a screen's own slot, for a widget that keeps its value there."""
    return f"vt_{key}"


def get(key: str, default: Any = None) -> Any:
    """The value of a screen's own slot, named `screen.thing`."""
    return st.session_state.get(f"vt_{key}", default)


def put(key: str, value: Any) -> None:
    """Set a screen's own slot, named `screen.thing`."""
    st.session_state[f"vt_{key}"] = value
