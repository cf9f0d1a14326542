"""Downloading one picture: its own file at a click, or another format, made when it is asked for."""

from collections.abc import Callable

import streamlit as st

from components.metadata import format_words, size_words
from services.library.assets import Content
from services.library.views import AssetView

_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF"}


def downloads(asset: AssetView, fetch: Callable[[str | None], Content], *, key: str) -> None:
    """A main button for the file as it is, and a panel with the other formats. `fetch(format)` gives the file.

    The main one is a plain link, so that it works whatever the page is doing at that moment.
    """
    own = format_words(asset.content_type)
    with st.container(horizontal=True, gap="small"):
        st.html(
            f'<a class="vt-cta vt-download" href="{asset.urls.download}" download>'
            f"Download {own} · {size_words(asset.bytes)}</a>",
            width="content",
        )
        with st.popover("Other formats"):
            for format, title in _FORMATS.items():
                if title != own:
                    _other(asset, fetch, format, title, key)


def _other(asset: AssetView, fetch: Callable[[str | None], Content], format: str, title: str, key: str) -> None:
    stem = asset.filename.rsplit(".", 1)[0]
    st.download_button(
        title,
        data=lambda: fetch(format).data,
        file_name=f"{stem}.{'jpg' if format == 'jpeg' else format}",
        mime=f"image/{format}",
        key=f"{key}_download_{format}",
        on_click="ignore",
        width="stretch",
    )
