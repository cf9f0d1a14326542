"""Downloading one picture: its own file at a click, or another format, made when it is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from components.kit.facts import format_words, size_words

Format = Literal["jpeg", "png", "webp", "avif"]
_FORMATS: dict[Format, str] = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF"}


@dataclass(frozen=True)
class Download:
    """A file as it is: its name, signed address, content type and size in bytes."""

    name: str
    address: str
    content_type: str
    size: int


def downloads(file: Download, fetch: Callable[[Format], bytes], *, key: str) -> None:
    """A main button for the file as it is, and a panel with the other formats. `fetch(format)` gives the file.

    The main one is a plain link, so that it works whatever the page is doing at that moment.
    """
    own = format_words(file.content_type)
    with st.container(horizontal=True, gap="small"):
        st.html(
            f'<a class="vt-cta vt-download" href="{file.address}" download>'
            f"Download {own} · {size_words(file.size)}</a>",
            width="content",
        )
        with st.popover("Other formats"):
            for format, title in _FORMATS.items():
                if title != own:
                    _other(file, fetch, format, title, key)


def _other(file: Download, fetch: Callable[[Format], bytes], format: Format, title: str, key: str) -> None:
    stem = file.name.rsplit(".", 1)[0]
    st.download_button(
        title,
        data=lambda: fetch(format),
        file_name=f"{stem}.{'jpg' if format == 'jpeg' else format}",
        mime=f"image/{format}",
        key=f"{key}_download_{format}",
        on_click="ignore",
        width="stretch",
    )
