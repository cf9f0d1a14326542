"""The fields of a list's filter row. Each stands in the address under its key, and goes back to the first page."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from components.kit.paging import Pages

Value = TypeVar("Value", bound=str)


def search(label: str, *, key: str, pages: Pages) -> str:
    """The words to search for."""
    words = st.text_input(
        label,
        key=key,
        type="search",
        icon=":material/search:",
        placeholder=label,
        label_visibility="collapsed",
        bind="query-params",
        on_change=pages.first,
    )
    return words or ""


def segments(label: str, words: Mapping[Value, str], *, key: str, pages: Pages) -> Value:
    """One of a few values, side by side; the first unless another was chosen. `words` says how each is shown."""
    return st.segmented_control(
        label,
        list(words),
        format_func=words.__getitem__,
        default=next(iter(words)),
        required=True,
        key=key,
        label_visibility="collapsed",
        bind="query-params",
        on_change=pages.first,
    )


def select(label: str, words: Mapping[Value, str], *, key: str, pages: Pages) -> Value:
    """One of several values in a list, otherwise as `segments`."""
    return st.selectbox(
        label, list(words), format_func=words.__getitem__, key=key, bind="query-params", on_change=pages.first
    )
