"""Listing products: searched, filtered by category, tag, status or SKU, sorted, by page or by cursor."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

import db
from db.models import Product, ProductTag
from services.accounts.actor import Actor
from services.catalog.fields import STATUSES, folded
from services.catalog.views import ProductView, views_in
from services.cursors import Order, newest, require_page
from services.errors import FieldError, Invalid

Sort = Literal["newest", "oldest", "title", "sku", "updated"]
ORDERS: dict[Sort, Order] = {
    "newest": newest(Product),
    "oldest": Order(Product, (col(Product.id),), descending=False),
    "title": Order(Product, (col(Product.title_key), col(Product.id)), descending=False),
    "sku": Order(Product, (col(Product.sku_key), col(Product.id)), descending=False),
    "updated": Order(Product, (col(Product.updated_at), col(Product.id))),
}


@dataclass(frozen=True)
class ProductFilters:
    """Which products to list; a field that is not set filters nothing. Each word of `q` is searched for in title and
    SKU; `statuses` are the ones to list."""

    q: str = ""
    category: str | None = None
    tag: str | None = None
    sku: str | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProductPage:
    """Some products; `total` counts all that match the filters and is set when a page was requested."""

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
    """Up to `limit` products: those after the id `starting_after`, or the `page`-th page (from 1) with the total.

    Raises Invalid.
    """
    actor.require_scope("read")
    require_page(sort, ORDERS, limit, page)
    if any(status not in STATUSES for status in filters.statuses):
        raise Invalid(errors=(FieldError("status", f"Choose one of: {', '.join(STATUSES)}."),))
    wanted = _matching(actor, filters)
    with db.snapshot() as session:
        total = session.scalar(wanted.with_only_columns(sa.func.count())) if page else None
        wanted = ORDERS[sort].rest_of(session, actor, wanted, starting_after, "product")
        rows = session.exec(wanted.offset((page - 1) * limit if page else 0).limit(limit + 1)).all()
        items = tuple(views_in(session, rows[:limit]))
    return ProductPage(items, len(rows) > limit, total)


def known_words(actor: Actor) -> KnownWords:
    """The categories and tags in use, to choose from."""
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
