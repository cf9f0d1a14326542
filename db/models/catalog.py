"""A shop's products and the pictures that belong to them."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import UtcDateTime


class ProductStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Product(SQLModel, table=True):
    """One thing a shop sells. `sku_key` and `title_key` are case-folded, for uniqueness, search and order (SQLite folds
    ASCII only). `price` in minor units of `currency`, unset if unknown. `main_asset_id` is the main picture a person
    chose; `request_key` makes a repeated request one product."""

    __tablename__ = "products"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "sku_key", name="uq_products_sku"),
        sa.UniqueConstraint("user_id", "request_key", name="uq_products_request"),
        sa.Index("ix_products_newest", "user_id", "id"),
        sa.Index("ix_products_user", "user_id", "status", "id"),
        sa.Index("ix_products_title", "user_id", "title_key", "id"),
        sa.Index("ix_products_main", "main_asset_id"),
    )

    id: str = Field(default_factory=lambda: new_id("prd"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    sku: str
    sku_key: str
    title: str
    title_key: str
    description: str = ""
    category: str = ""
    price: int | None = None
    currency: str = "usd"
    status: str = ProductStatus.DRAFT
    main_asset_id: str | None = Field(default=None, foreign_key="assets.id", ondelete="SET NULL")
    request_key: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ProductTag(SQLModel, table=True):
    """One tag of one product, case-folded."""

    __tablename__ = "product_tags"
    __table_args__ = (sa.Index("ix_product_tags_tag", "user_id", "tag"),)

    product_id: str = Field(primary_key=True, foreign_key="products.id")
    tag: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id")


class ProductPicture(SQLModel, table=True):
    """A picture's place in a product, which is at most one product's. Pictures stand in groups, an original with what
    was made from it (`assets.parent_id`); `position` orders the groups and is the same, or nearly, within one.

    `assets.product_id` says the same of the picture and is written together with this. A picture that is deleted for
    good takes its place along, whoever deletes it: the database sees to it.
    """

    __tablename__ = "product_pictures"
    __table_args__ = (sa.UniqueConstraint("asset_id", name="uq_product_pictures_asset"),)

    product_id: str = Field(primary_key=True, foreign_key="products.id")
    asset_id: str = Field(primary_key=True, foreign_key="assets.id", ondelete="CASCADE")
    position: int
