"""A picture with numbered frames around the places that something is said of."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from components.kit.counts import counted

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels of the picture, right and bottom exclusive."""


@dataclass(frozen=True)
class Picture:
    """Where a picture is shown from, and its own size in pixels, in which places are given."""

    address: str
    width: int
    height: int


def marked_picture(picture: Picture, places: Sequence[tuple[int, Box]]) -> str:
    """The picture as HTML, each place framed with its number; nothing where there is nothing to mark."""
    if not places:
        return ""
    ratio = picture.width / max(picture.height, 1)
    frames = "".join(_frame(picture, number, box) for number, box in places)
    marked = f"{counted(len(places), 'place')} marked"
    return (
        f'<div class="vt-marked" style="aspect-ratio:{ratio:.4f};width:min(100%,{24 * ratio:.2f}rem)">'
        f'<img src="{escape(picture.address)}" alt="The picture, {marked}">{frames}</div>'
    )


def _frame(picture: Picture, number: int, box: Box) -> str:
    left, top, right, bottom = box
    across, down = 100 / max(picture.width, 1), 100 / max(picture.height, 1)
    return (
        f'<span class="vt-marked-place" aria-hidden="true" style="left:{left * across:.2f}%;top:{top * down:.2f}%;'
        f'width:{(right - left) * across:.2f}%;height:{(bottom - top) * down:.2f}%"><b>{number}</b></span>'
    )
