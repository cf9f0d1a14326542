"""A product's pictures, each photo beside what was made from it: order, main picture, which to use or remove."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.kit import triggers
from components.kit.parts import parts
from components.recipes.words import made_by
from components.shell import page_table
from services.catalog.views import PictureGroup
from services.library.views import AssetView

_pictures = st.components.v2.component("vitrine_product_pictures", **parts("products/product_pictures"))
_TRIGGERS = ("open", "main", "remove", "move", "use")


@dataclass(frozen=True)
class PicturesIntent:
    """What the person wants: moves are (id, -1 or 1) and uses (id, whether), both in the order they were asked for."""

    open: str | None = None
    main: str | None = None
    remove: tuple[tuple[str, ...], ...] = ()
    moves: tuple[tuple[str, int], ...] = ()
    uses: tuple[tuple[str, bool], ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.main or self.remove or self.moves or self.uses)


def take_pictures_intent(key: str) -> PicturesIntent:
    """What the person did with the pictures `key` and nobody has acted on yet."""
    return PicturesIntent(
        open=next(reversed(triggers.take(key, "open")), None),
        main=next(reversed(triggers.take(key, "main")), None),
        remove=tuple(tuple(ids) for ids in triggers.take(key, "remove")),
        moves=tuple((move["id"], int(move["by"])) for move in triggers.take(key, "move")),
        uses=tuple((use["id"], bool(use["on"])) for use in triggers.take(key, "use")),
    )


def show_pictures(
    groups: Sequence[PictureGroup], *, main: str | None, left_out: Collection[str], editable: bool, key: str
) -> None:
    """Draw the groups; photos in `left_out` are not to be used for what is made next."""
    data = {
        "editable": editable,
        "href": f"/{page_table.PICTURE.path}",
        "groups": tuple(_group(group, main, left_out) for group in groups),
    }
    _pictures(data=data, key=key, **triggers.callbacks(key, *_TRIGGERS))


def _group(group: PictureGroup, main: str | None, left_out: Collection[str]) -> dict[str, Any]:
    photo = group.original
    return {
        "number": group.number,
        "title": f"Photo {group.number}",
        "photo": None if photo is None else _picture(photo, photo.filename, main),
        "used": photo is not None and photo.id not in left_out,
        "results": [
            _picture(result, made_by(result.operations, result.details.get("recipe")) or result.filename, main)
            for result in group.results
        ],
    }


def _picture(asset: AssetView, label: str, main: str | None) -> dict[str, Any]:
    return {
        "id": asset.id,
        "name": asset.filename,
        "label": label,
        "thumb": asset.urls.thumb,
        "clear": asset.has_alpha,
        "main": asset.id == main,
    }
