"""The gallery: one person's pictures, searched, filtered and sorted, by page or by cursor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

import db
from db.models import Asset
from services.accounts.actor import Actor
from services.cursors import Order, newest, require_page
from services.library.views import AssetView, view_of

Sort = Literal["newest", "oldest", "favorites", "name"]
ORDERS: dict[Sort, Order] = {
    "newest": newest(Asset),
    "oldest": Order(Asset, (col(Asset.id),), descending=False),
    "favorites": Order(Asset, (col(Asset.is_favorite), col(Asset.id))),
    "name": Order(Asset, (col(Asset.name_key), col(Asset.id)), descending=False),
}


@dataclass(frozen=True)
class AssetFilters:
    """Which pictures to list; a field that is not set filters nothing. `q` is searched for in file names, `kinds` are
    the kinds to list, and `since` ≤ created < `until`."""

    q: str = ""
    kind: str | None = None
    kinds: tuple[str, ...] = ()
    operation: str | None = None
    favorite: bool | None = None
    trashed: bool = False
    product_id: str | None = None
    in_no_product: bool = False
    job_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AssetPage:
    """Some pictures; `total` counts all that match the filters and is set when a page was requested."""

    items: tuple[AssetView, ...]
    has_more: bool
    total: int | None = None


ALL = AssetFilters()


def list_assets(
    actor: Actor,
    *,
    filters: AssetFilters = ALL,
    sort: Sort = "newest",
    limit: int = 20,
    starting_after: str | None = None,
    page: int | None = None,
) -> AssetPage:
    """Up to `limit` pictures: those after the id `starting_after`, or the `page`-th page (from 1) with the total.

    `favorites` puts favourites first, newest first within. Raises Invalid.
    """
    actor.require_scope("read")
    require_page(sort, ORDERS, limit, page)
    wanted = _matching(actor, filters)
    with db.snapshot() as session:
        total = session.scalar(wanted.with_only_columns(sa.func.count())) if page else None
        wanted = ORDERS[sort].rest_of(session, actor, wanted, starting_after, "picture")
        rows = session.exec(wanted.offset((page - 1) * limit if page else 0).limit(limit + 1)).all()
    return AssetPage(tuple(view_of(row) for row in rows[:limit]), len(rows) > limit, total)


def _matching(actor: Actor, filters: AssetFilters) -> SelectOfScalar[Asset]:
    """The pictures that match, unordered. Each combination of filters and order has an index that starts this way."""
    deleted_at = col(Asset.deleted_at)
    wanted = select(Asset).where(
        Asset.user_id == actor.id, deleted_at.is_not(None) if filters.trashed else deleted_at.is_(None)
    )
    if words := filters.q.casefold().split():
        wanted = wanted.where(*(col(Asset.name_key).contains(word, autoescape=True) for word in words))
    if filters.kind is not None:
        wanted = wanted.where(Asset.kind == filters.kind)
    if filters.kinds:
        wanted = wanted.where(col(Asset.kind).in_(filters.kinds))
    if filters.operation is not None:
        wanted = wanted.where(_has_operation(filters.operation))
    if filters.favorite is not None:
        wanted = wanted.where(col(Asset.is_favorite).is_(filters.favorite))
    if filters.product_id is not None:
        wanted = wanted.where(Asset.product_id == filters.product_id)
    if filters.in_no_product:
        wanted = wanted.where(col(Asset.product_id).is_(None))
    if filters.job_id is not None:
        wanted = wanted.where(Asset.job_id == filters.job_id)
    if filters.since is not None:
        wanted = wanted.where(col(Asset.created_at) >= filters.since)
    if filters.until is not None:
        wanted = wanted.where(col(Asset.created_at) < filters.until)
    return wanted


def _has_operation(operation: str) -> sa.ColumnElement[bool]:
    return (sa.literal(" ") + col(Asset.operations) + sa.literal(" ")).contains(f" {operation} ", autoescape=True)
