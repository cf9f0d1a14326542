"""The gallery: pictures of one person by search, filters and order, a page at a time or from a cursor on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

import db
from db.models import Asset
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid
from services.library.views import AssetView, view_of

Sort = Literal["newest", "oldest", "favorites", "name"]
SORTS: tuple[Sort, ...] = get_args(Sort)
MAX_LIMIT = 200
MAX_PAGE = 1_000_000


@dataclass(frozen=True)
class AssetFilters:
    """Which pictures: a field left alone lets all pass. `q` is looked for in file names, `kinds` names those that pass,
    `since` ≤ made < `until`."""

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
    """Some pictures; `total` counts all that pass the filters and is set when a page was asked for."""

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
    """Up to `limit` pictures: after the one with id `starting_after`, or the `page`-th lot (from 1) with the total.

    `favorites` puts favourites first, newest first within. Raises Invalid.
    """
    actor.require_scope("read")
    _check(sort, limit, page)
    wanted = _matching(actor, filters)
    with db.snapshot() as session:
        total = session.scalar(wanted.with_only_columns(sa.func.count())) if page else None
        if starting_after is not None:
            wanted = wanted.where(_behind(session, actor, starting_after, sort))
        rows = session.exec(
            wanted.order_by(*_order(sort)).offset((page - 1) * limit if page else 0).limit(limit + 1)
        ).all()
    return AssetPage(tuple(view_of(row) for row in rows[:limit]), len(rows) > limit, total)


def _check(sort: str, limit: int, page: int | None) -> None:
    if sort not in SORTS:
        raise Invalid(errors=(FieldError("sort", f"Choose one of: {', '.join(SORTS)}."),))
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(errors=(FieldError("limit", f"Choose between 1 and {MAX_LIMIT}."),))
    if page is not None and not 1 <= page <= MAX_PAGE:
        raise Invalid(errors=(FieldError("page", f"Pages are counted from 1 to {MAX_PAGE:,}."),))


def _matching(actor: Actor, filters: AssetFilters) -> SelectOfScalar[Asset]:
    """The pictures that pass, in no order. Each choice of filters and order has an index that begins like this."""
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


def _order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    """Ids sort by the time they were made and settle every tie."""
    newest, oldest = col(Asset.id).desc(), col(Asset.id).asc()
    if sort == "oldest":
        return (oldest,)
    if sort == "favorites":
        return (col(Asset.is_favorite).desc(), newest)
    if sort == "name":
        return (col(Asset.name_key).asc(), oldest)
    return (newest,)


def _behind(session: Session, actor: Actor, asset_id: str, sort: Sort) -> sa.ColumnElement[bool]:
    """What comes after that picture in the order. Another person's id is as unknown as one that never was."""
    last = session.exec(select(Asset).where(col(Asset.id) == asset_id, Asset.user_id == actor.id)).first()
    if last is None:
        raise Invalid(errors=(FieldError("starting_after", "There is no picture of yours with this id."),))
    if sort == "oldest":
        return col(Asset.id) > last.id
    if sort == "favorites":
        same = sa.and_(col(Asset.is_favorite).is_(last.is_favorite), col(Asset.id) < last.id)
        return sa.or_(same, col(Asset.is_favorite).is_(False)) if last.is_favorite else same
    if sort == "name":
        return sa.tuple_(col(Asset.name_key), col(Asset.id)) > (last.name_key, last.id)
    return col(Asset.id) < last.id
