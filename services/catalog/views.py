"""A product and its pictures as pages and the API see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from db.models import Asset, AssetKind, Product, ProductPicture, ProductTag
from services.library.views import AssetView, view_of


@dataclass(frozen=True)
class ProductView:
    """One product. `price` in minor units of `currency`; `main` is the main picture: the chosen one, else the first.
    Pictures in the trash do not count."""

    id: str
    sku: str
    title: str
    description: str
    category: str
    tags: tuple[str, ...]
    price: int | None
    currency: str
    status: str
    main: AssetView | None
    picture_count: int
    result_count: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class PictureGroup:
    """A photo of the product and what was made from it. `number` counts the groups from 1; `original` is None where
    the photo was deleted or is not one of the product's."""

    number: int
    original: AssetView | None
    results: tuple[AssetView, ...]

    @property
    def pictures(self) -> tuple[AssetView, ...]:
        return (() if self.original is None else (self.original,)) + self.results


@dataclass(frozen=True)
class PictureInProduct:
    """A picture in its product: `number` is that of its group, `is_main` says whether it is the main picture."""

    number: int
    is_main: bool
    asset: AssetView


@dataclass(frozen=True)
class RemovedPictures:
    """Pictures that were removed from a product: each one's id and position, and which of them had been chosen as the
    main one."""

    places: tuple[tuple[str, int], ...]
    main: str | None


@dataclass(frozen=True)
class _Shown:
    """What a list of products shows of its pictures."""

    main: AssetView
    pictures: int
    results: int


def view_in(session: Session, product: Product) -> ProductView:
    """The view of a row."""
    return views_in(session, [product])[0]


def views_in(session: Session, products: Sequence[Product]) -> list[ProductView]:
    """The views of several, with two queries for all of them."""
    ids = [product.id for product in products]
    tags = _tags(session, ids)
    shown = _shown(session, ids)
    return [_view(product, tags.get(product.id, ()), shown.get(product.id)) for product in products]


def _view(product: Product, tags: tuple[str, ...], shown: _Shown | None) -> ProductView:
    return ProductView(
        id=product.id,
        sku=product.sku,
        title=product.title,
        description=product.description,
        category=product.category,
        tags=tags,
        price=product.price,
        currency=product.currency,
        status=product.status,
        main=shown.main if shown else None,
        picture_count=shown.pictures if shown else 0,
        result_count=shown.results if shown else 0,
        created_at=product.created_at,
        updated_at=product.updated_at,
    )


def _tags(session: Session, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    rows = session.exec(
        select(ProductTag).where(col(ProductTag.product_id).in_(ids)).order_by(col(ProductTag.tag))
    ).all()
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.product_id, []).append(row.tag)
    return {product_id: tuple(tags) for product_id, tags in found.items()}


def _shown(session: Session, ids: Sequence[str]) -> dict[str, _Shown]:
    """The main picture and the counts of each product that has a picture."""
    same = col(ProductPicture.product_id)
    chosen_first = sa.case((col(Asset.id) == col(Product.main_asset_id), 0), else_=1)
    is_result = sa.case((col(Asset.kind) == AssetKind.RESULT, 1), else_=0)
    ranked = (
        sa.select(
            col(ProductPicture.product_id).label("product_id"),
            col(Asset.id).label("asset_id"),
            sa.func.row_number()
            .over(partition_by=same, order_by=(chosen_first, col(ProductPicture.position), col(Asset.id)))
            .label("place"),
            sa.func.count().over(partition_by=same).label("pictures"),
            sa.func.sum(is_result).over(partition_by=same).label("results"),
        )
        .join(Asset, col(Asset.id) == col(ProductPicture.asset_id))
        .join(Product, col(Product.id) == col(ProductPicture.product_id))
        .where(col(ProductPicture.product_id).in_(ids), col(Asset.deleted_at).is_(None))
        .subquery()
    )
    rows = session.execute(
        sa.select(ranked.c.product_id, ranked.c.pictures, ranked.c.results, Asset)
        .join(Asset, col(Asset.id) == ranked.c.asset_id)
        .where(ranked.c.place == 1)
    ).all()
    return {row[0]: _Shown(view_of(row[3]), int(row[1]), int(row[2])) for row in rows}
