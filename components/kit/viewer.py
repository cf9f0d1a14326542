"""A picture looked at closely, alone or compared with the one it was made from. Pictures come by signed URL."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from components.kit.parts import parts

_viewer = st.components.v2.component("vitrine_viewer", **parts("kit/viewer"))


@dataclass(frozen=True)
class Picture:
    """Where a picture is shown from: a rendition for the screen, and the file itself for a close look. Its size is in
    pixels of the file; `clear` says that something in it is transparent."""

    preview: str
    content: str
    width: int
    height: int
    clear: bool


def viewer(
    picture: Picture,
    before: Picture | None,
    *,
    id: str,
    name: str,
    registration: Sequence[float] | None,
    edges: Sequence[Sequence[float]],
    key: str,
) -> None:
    """One picture to zoom into, up to four screen pixels for one of its own, and a slider where there is a `before`.

    registration: where the points of `before` are in `picture`, six numbers as in CSS's `matrix()` in shares of their
    sides; without it `before` is shown whole. edges: places worth a close look, (x, y) in shares of the sides. Zoom,
    slider and ground stay as the person set them until `id` is another.
    """
    _viewer(
        data={
            "id": id,
            "name": name,
            "after": asdict(picture),
            "before": asdict(before) if before else None,
            "registration": list(registration) if registration else None,
            "edges": [list(place) for place in edges],
        },
        key=key,
    )
