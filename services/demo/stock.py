"""The pictures of the demo world: our drawn products, and what the studio really makes of them. Loads the engines."""

from collections.abc import Sequence
from dataclasses import dataclass

import db
from db.models import Asset
from services.accounts.actor import Actor
from services.demo.products import SampleProduct
from services.jobs.progress import Tracked
from services.jobs.rendering import render
from services.jobs.settlement import Outcome, Start
from services.jobs.slots import Slots
from services.library.results import PreparedPicture
from services.studio.recipes import BUILT_IN_RECIPES, Recipe


@dataclass(frozen=True)
class Stock:
    """For each picture: its bytes in the store, and outcomes by the recipe's id."""

    originals: tuple[PreparedPicture, ...]
    made: tuple[dict[str, Outcome], ...]


def prepared(asset: Asset) -> PreparedPicture:
    """The bytes of a picture of the library, for another row that shows the same."""
    return PreparedPicture(
        filename=asset.filename,
        content_type=asset.content_type,
        width=asset.width,
        height=asset.height,
        bytes=asset.bytes,
        sha256=asset.sha256,
        has_alpha=asset.has_alpha,
        storage_key=asset.storage_key,
        thumb_key=asset.thumb_key,
        preview_key=asset.preview_key,
    )


def make(actor: Actor, asset_ids: Sequence[str], recipes: Sequence[Sequence[str]]) -> Stock:
    """Run each picture through its recipes (ids of built-in ones)."""
    with db.snapshot() as session:
        rows = [session.get_one(Asset, asset_id) for asset_id in asset_ids]
    made = tuple(
        {name: _run(actor, asset_id, BUILT_IN_RECIPES[name].recipe) for name in names}
        for asset_id, names in zip(asset_ids, recipes, strict=True)
    )
    return Stock(tuple(prepared(row) for row in rows), made)


def _run(actor: Actor, asset_id: str, recipe: Recipe) -> Outcome:
    start = Start("", 1, 1, actor.id, recipe.canonical(), (asset_id,))
    with Slots(1).job() as slot:
        return render(start, Tracked(start), slot)


def filename_of(product: SampleProduct) -> str:
    """`terracotta-mug.jpg`."""
    return f"{product.title.lower().replace(' ', '-')}.jpg"
