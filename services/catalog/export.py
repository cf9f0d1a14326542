"""A product's finished pictures as one ZIP, with names that marketplaces' upload forms accept."""

from collections.abc import Iterator

import db
from db.models import Asset, AssetKind
from services.accounts.actor import Actor
from services.catalog.groups import grouped, placed
from services.catalog.owned import owned
from services.errors import Conflict
from services.library.downloads import MAX_ARCHIVED, Archive, pack
from services.library.filenames import clean_filename


def archive(actor: Actor, product_id: str) -> Archive:
    """A ZIP of a product's results, `{sku}-{n}-{preset}`: n counts its photos in their order, the preset is what the
    picture was made for, or the last operation where it was made for no marketplace.

    Raises NotFound, Conflict for no results or too many, StorageUnavailable.
    """
    actor.require_scope("read")
    with db.snapshot() as session:
        product = owned(session, actor.id, product_id)
        groups = [members for _, members in grouped(placed(session, product_id))]
    living = [[one.asset for one in group if one.asset.deleted_at is None] for group in groups]
    entries = list(_named(product.sku, [group for group in living if group]))
    if not entries:
        raise Conflict("This product has no finished pictures yet. Make some first, then export them.")
    if len(entries) > MAX_ARCHIVED:
        raise Conflict(f"A ZIP holds up to {MAX_ARCHIVED} pictures. Remove some from this product first.")
    return pack(entries, f"{_safe(product.sku)}.zip")


def _named(sku: str, groups: list[list[Asset]]) -> Iterator[tuple[str, Asset]]:
    taken: set[str] = set()
    for number, group in enumerate(groups, 1):
        for asset in group:
            if asset.kind == AssetKind.RESULT:
                name = _unused(f"{_safe(sku)}-{number}-{_made_for(asset)}", asset.content_type, taken)
                taken.add(name.casefold())
                yield name, asset


def _unused(stem: str, content_type: str, taken: set[str]) -> str:
    """`stem.jpg`, or `stem-2.jpg`, `stem-3.jpg` …: many upload forms refuse brackets and spaces."""
    name, count = clean_filename(stem, content_type), 1
    while name.casefold() in taken:
        count += 1
        name = clean_filename(f"{stem}-{count}", content_type)
    return name


def _made_for(asset: Asset) -> str:
    market = asset.details.get("marketplace")
    if market:
        return str(market["preset"])
    return (asset.operations.split() or ["picture"])[-1]


def _safe(sku: str) -> str:
    """The SKU without characters that would name a folder or hide the file."""
    return clean_filename(sku.replace("/", "_").replace("\\", "_"), "image/jpeg").removesuffix(".jpg")
