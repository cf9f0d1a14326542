"""The gallery's pictures as tiles or lines: open, favourite, choose many and act. Thumbnails come by signed URL."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import streamlit as st

from components.kit import triggers
from components.kit.parts import parts

_grid = st.components.v2.component("vitrine_gallery_grid", **parts("kit/gallery_grid"))

ARCHIVE_ADDRESS = "/download/archive"
Action = Literal["favorite", "unfavorite", "trash", "restore", "purge", "reuse", "product"]


@dataclass(frozen=True)
class Tile:
    """One picture: `meta` is the line under its name, `thumb` a signed URL, `clear` marks transparency."""

    id: str
    name: str
    meta: str
    thumb: str
    clear: bool = False
    favorite: bool = False


@dataclass(frozen=True)
class GalleryIntent:
    """Open one picture, or do something to the chosen ones. ZIP downloads are plain links."""

    open: str | None = None
    action: Action | None = None
    ids: tuple[str, ...] = ()


def gallery_grid(
    tiles: Sequence[Tile], *, view: Literal["grid", "list"], trash: bool, picture_path: str, key: str
) -> None:
    """Show `tiles`; `trash` offers restoring instead of trashing, `picture_path` is the address of a picture's page."""
    data = {
        "view": view,
        "trash": trash,
        "archive": ARCHIVE_ADDRESS,
        "href": picture_path,
        "items": tuple(asdict(tile) for tile in tiles),
    }
    _grid(data=data, key=key, **triggers.callbacks(key, "open", "act"))


def take_intents(key: str) -> list[GalleryIntent]:
    """What the person did with the grid `key` and nobody has acted on yet, in order."""
    actions = [GalleryIntent(action=act["does"], ids=tuple(act["ids"])) for act in triggers.take(key, "act")]
    return [*actions, *(GalleryIntent(open=id) for id in triggers.take(key, "open"))]
