"""The pictures of the demo: drawn products, the studio's real results of them, and drawn toys in place of a provider's
results. Loads the pixel engines."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import db
from db.models import Asset
from services.accounts.actor import Actor
from services.demo.past import RESTYLE
from services.demo.products import SampleProduct
from services.demo.toys import toy_of
from services.engine.slots import Slots
from services.jobs.run.intermediates import Intermediate, remove, store
from services.jobs.run.progress import Tracked
from services.jobs.run.rendering import render
from services.jobs.settlement import Outcome, Start
from services.library.results import PreparedPicture
from services.studio.recipes import BUILT_IN_RECIPES, Recipe


@dataclass(frozen=True)
class Stock:
    """For each picture: its bytes in the store, outcomes by the recipe's id, and the outcome of `RESTYLE`."""

    originals: tuple[PreparedPicture, ...]
    made: tuple[dict[str, Outcome], ...]
    restyled: tuple[Outcome, ...]


def prepared(asset: Asset) -> PreparedPicture:
    """The stored files of a picture, for another row that shows the same picture."""
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
        matte_key=asset.matte_key,
    )


def make(
    actor: Actor, products: Sequence[SampleProduct], asset_ids: Sequence[str], recipes: Sequence[Sequence[str]]
) -> Stock:
    """Run each product's picture through its recipes (ids of built-in ones), and redraw it."""
    with db.snapshot() as session:
        rows = [session.get_one(Asset, asset_id) for asset_id in asset_ids]
    made = tuple(
        {name: _run(actor, asset_id, BUILT_IN_RECIPES[name].recipe) for name in names}
        for asset_id, names in zip(asset_ids, recipes, strict=True)
    )
    restyled = tuple(_restyled(actor, asset_id, product) for product, asset_id in zip(products, asset_ids, strict=True))
    return Stock(tuple(prepared(row) for row in rows), made, restyled)


def _run(actor: Actor, asset_id: str, recipe: Recipe, before: Intermediate | None = None) -> Outcome:
    start = Start("", 1, 1, actor.id, recipe.canonical(), asset_id)
    with Slots(1).enter() as slot:
        return render(start, Tracked(start), slot, before)


def _restyled(actor: Actor, asset_id: str, product: SampleProduct) -> Outcome:
    """Use a drawn toy as the provider's answer. From there on it is processed like any answer, so its files carry the
    same metadata."""
    drawn = io.BytesIO()
    toy_of(product).save(drawn, "PNG", compress_level=1)
    answer = store(drawn.getvalue(), "image/png")
    try:
        return _run(actor, asset_id, RESTYLE, Intermediate(answer))
    finally:
        remove(answer)


def filename_of(product: SampleProduct) -> str:
    """`terracotta-mug.jpg`."""
    return f"{product.title.lower().replace(' ', '-')}.jpg"
