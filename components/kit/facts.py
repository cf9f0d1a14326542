"""Sizes, formats and dates in words, and facts in a list."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

import streamlit as st


def size_words(n_bytes: int) -> str:
    """`412 KB`, `3.1 MB`."""
    return f"{n_bytes / 1024 / 1024:.1f} MB" if n_bytes >= 1024 * 1024 else f"{max(1, round(n_bytes / 1024))} KB"


def format_words(content_type: str) -> str:
    """`JPEG` for image/jpeg."""
    return {"webp": "WebP"}.get(name := content_type.removeprefix("image/"), name.upper())


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """A list of names and values."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    st.html(f'<dl class="vt-facts">{lines}</dl>')


def day_words(moment: datetime) -> str:
    """`21 November 2026, 06:30 UTC`."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"
