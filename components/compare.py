"""The before/after slider and the zoomable view of one picture. Pictures come by signed URL."""

import streamlit as st

from components.frontend import parts
from services.library.views import AssetView

_compare = st.components.v2.component("vitrine_compare", **parts("compare"))
_zoom = st.components.v2.component("vitrine_zoom", **parts("zoom"))


def compare_slider(before: AssetView, after: AssetView, *, name: str, key: str) -> None:
    """A slider between a photo and its result, moved by arrow keys too; the frame takes the shape of the result.

    Transparent parts of the result show a checkerboard.
    """
    _compare(
        data={
            "before": before.urls.preview,
            "after": after.urls.preview,
            "name": name,
            "ratio": after.width / max(after.height, 1),
            "clear": after.has_alpha,
        },
        key=key,
    )


def zoom_view(picture: AssetView, *, key: str) -> None:
    """One picture to look at closely: buttons, + − 0 keys, double click, drag."""
    _zoom(
        data={
            "src": picture.urls.content,
            "name": picture.filename,
            "width": picture.width,
            "height": picture.height,
            "clear": picture.has_alpha,
        },
        key=key,
    )
