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
    ASCII only). `price` in minor units of `currency`, unset if unknown."""

    __tablename__ = "products"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "sku_key", name="uq_products_sku"),
        sa.Index("ix_products_user", "user_id", "status", "id"),
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
    main_asset_id: str | None = Field(default=None, foreign_key="assets.id")
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
    """A picture's place in a product: originals in the order the shop wants them, each result after its original.
    `assets.product_id` says the same of the picture and is written together with this."""

    __tablename__ = "product_pictures"

    product_id: str = Field(primary_key=True, foreign_key="products.id")
    asset_id: str = Field(primary_key=True, foreign_key="assets.id")
    position: int
