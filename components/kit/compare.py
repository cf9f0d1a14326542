"""The before/after slider and the zoomable view of one picture. Pictures come by signed URL."""

import streamlit as st

from components.kit.parts import parts

_compare = st.components.v2.component("vitrine_compare", **parts("kit/compare"))
_zoom = st.components.v2.component("vitrine_zoom", **parts("kit/zoom"))


def compare_slider(before: str, after: str, *, name: str, ratio: float, clear: bool, key: str) -> None:
    """A slider between two pictures, moved by arrow keys too; the frame has `ratio`, width by height.

    `clear` shows a checkerboard behind transparent parts of the second one.
    """
    _compare(
        data={
            "before": before,
            "after": after,
            "name": name,
            "ratio": ratio,
            "clear": clear,
        },
        key=key,
    )


def zoom_view(address: str, *, name: str, size: tuple[int, int], clear: bool, key: str) -> None:
    """One picture to look at closely: buttons, + − 0 keys, double click, drag."""
    _zoom(
        data={
            "src": address,
            "name": name,
            "width": size[0],
            "height": size[1],
            "clear": clear,
        },
        key=key,
    )
