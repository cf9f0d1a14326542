"""The before/after slider and the zoomable view of one picture. Pictures come by signed URL."""

import streamlit as st

from components.frontend import parts

_compare = st.components.v2.component("vitrine_compare", **parts("compare"))
_zoom = st.components.v2.component("vitrine_zoom", **parts("zoom"))


def compare_slider(before: str, after: str, *, name: str, width: int, height: int, clear: bool, key: str) -> None:
    """A slider between two pictures (URLs); the frame takes the shape of the result, `width`×`height` pixels.

    `clear` says that the result has transparent parts: they show a checkerboard. Arrow keys move the slider.
    """
    data = {"before": before, "after": after, "name": name, "ratio": width / max(height, 1), "clear": clear}
    _compare(data=data, key=key)


def zoom_view(src: str, *, name: str, width: int, height: int, clear: bool, key: str) -> None:
    """One picture (URL) of `width`×`height` pixels to look at closely: buttons, + − 0 keys, double click, drag."""
    _zoom(data={"src": src, "name": name, "width": width, "height": height, "clear": clear}, key=key)
