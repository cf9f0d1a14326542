"""Finding products: by words, category, tag, status or SKU, in any of a few orders, by pages or from a cursor on."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

import db
from db.models import Product, ProductTag
from services.accounts.actor import Actor
from services.catalog.fields import STATUSES, folded
from services.catalog.views import ProductView, views_in
from services.errors import FieldError, Invalid

Sort = Literal["newest", "oldest", "title", "sku", "updated"]
SORTS: tuple[Sort, ...] = get_args(Sort)
MAX_LIMIT = 200
MAX_PAGE = 1_000_000


@dataclass(frozen=True)
class ProductFilters:
    """Which products: a field left alone lets all pass. Each word of `q` is looked for in title and SKU; `statuses`
    names those that pass."""

    q: str = ""
    category: str | None = None
    tag: str | None = None
    sku: str | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductPage:
    """Some products; `total` counts all that pass the filters and is set when a page was asked for."""

    items: tuple[ProductView, ...]
    has_more: bool
    total: int | None = None


@dataclass(frozen=True)
class KnownWords:
    """The categories and tags that a shop's products use, in order."""

    categories: tuple[str, ...]
    tags: tuple[str, ...]


ALL = ProductFilters()


def list_products(
    actor: Actor,
    *,
    filters: ProductFilters = ALL,
    sort: Sort = "newest",
    limit: int = 20,
    starting_after: str | None = None,
    page: int | None = None,
) -> ProductPage:
    """Up to `limit` products: after the one with id `starting_after`, or the `page`-th lot (from 1) with the total.

    Raises Invalid.
    """
    actor.require_scope("read")
    _check(filters, sort, limit, page)
    wanted = _matching(actor, filters)
    with db.snapshot() as session:
        total = session.scalar(wanted.with_only_columns(sa.func.count())) if page else None
        if starting_after is not None:
            wanted = wanted.where(_behind(session, actor, starting_after, sort))
        rows = session.exec(
            wanted.order_by(*_order(sort)).offset((page - 1) * limit if page else 0).limit(limit + 1)
        ).all()
        items = tuple(views_in(session, rows[:limit]))
    return ProductPage(items, len(rows) > limit, total)


def known_words(actor: Actor) -> KnownWords:
    """What can be chosen as a category or a tag without inventing one."""
    actor.require_scope("read")
    with db.snapshot() as session:
        categories = session.scalars(
            sa.select(col(Product.category))
            .where(col(Product.user_id) == actor.id, col(Product.category) != "")
            .distinct()
        ).all()
        tags = session.scalars(
            sa.select(col(ProductTag.tag)).where(col(ProductTag.user_id) == actor.id).distinct()
        ).all()
    return KnownWords(tuple(sorted(categories, key=str.casefold)), tuple(sorted(tags)))


def _check(filters: ProductFilters, sort: str, limit: int, page: int | None) -> None:
    if sort not in SORTS:
        raise Invalid(errors=(FieldError("sort", f"Choose one of: {', '.join(SORTS)}."),))
    if not 1 <= limit <= MAX_LIMIT:
        raise Invalid(errors=(FieldError("limit", f"Choose between 1 and {MAX_LIMIT}."),))
    if page is not None and not 1 <= page <= MAX_PAGE:
        raise Invalid(errors=(FieldError("page", f"Pages are counted from 1 to {MAX_PAGE:,}."),))
    if any(status not in STATUSES for status in filters.statuses):
        raise Invalid(errors=(FieldError("status", f"Choose one of: {', '.join(STATUSES)}."),))


def _matching(actor: Actor, filters: ProductFilters) -> SelectOfScalar[Product]:
    wanted = select(Product).where(Product.user_id == actor.id)
    for word in folded(filters.q).split():
        in_title = col(Product.title_key).contains(word, autoescape=True)
        wanted = wanted.where(in_title | col(Product.sku_key).contains(word, autoescape=True))
    if filters.category is not None:
        wanted = wanted.where(Product.category == filters.category)
    if filters.tag is not None:
        tagged = sa.select(col(ProductTag.product_id)).where(
            col(ProductTag.user_id) == actor.id, col(ProductTag.tag) == folded(filters.tag)
        )
        wanted = wanted.where(col(Product.id).in_(tagged))
    if filters.sku is not None:
        wanted = wanted.where(Product.sku_key == folded(filters.sku))
    if filters.statuses:
        wanted = wanted.where(col(Product.status).in_(filters.statuses))
    return wanted


def _order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    """Ids sort by the time they were made and settle every tie."""
    newest, oldest = col(Product.id).desc(), col(Product.id).asc()
    if sort == "oldest":
        return (oldest,)
    if sort == "title":
        return (col(Product.title_key).asc(), oldest)
    if sort == "sku":
        return (col(Product.sku_key).asc(),)
    if sort == "updated":
        return (col(Product.updated_at).desc(), newest)
    return (newest,)


def _behind(session: Session, actor: Actor, product_id: str, sort: Sort) -> sa.ColumnElement[bool]:
    """What comes after that product in the order. Another person's id is as unknown as one that never was."""
    last = session.exec(select(Product).where(col(Product.id) == product_id, Product.user_id == actor.id)).first()
    if last is None:
        raise Invalid(errors=(FieldError("starting_after", "There is no product of yours with this id."),))
    if sort == "oldest":
        return col(Product.id) > last.id
    if sort == "title":
        return sa.tuple_(col(Product.title_key), col(Product.id)) > (last.title_key, last.id)
    if sort == "sku":
        return col(Product.sku_key) > last.sku_key
    if sort == "updated":
        same = sa.and_(col(Product.updated_at) == last.updated_at, col(Product.id) < last.id)
        return sa.or_(col(Product.updated_at) < last.updated_at, same)
    return col(Product.id) < last.id
