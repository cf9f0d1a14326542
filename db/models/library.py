"""Pictures: a row each; the bytes are in storage under keys made from their content."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import Json, UtcDateTime

_EXPIRES = sa.text("expires_at IS NOT NULL")
_TRASHED = sa.text("deleted_at IS NOT NULL")
# Partial, for PostgreSQL does not read a column that IS NULL as constant and would sort all of a person's pictures.
_KEPT = sa.text("deleted_at IS NULL")


def _index(name: str, *columns: str, where: sa.TextClause) -> sa.Index:
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


class AssetKind(StrEnum):
    ORIGINAL = "original"
    RESULT = "result"
    LOGO = "logo"
    GARMENT = "garment"
    PERSON = "person"
    TRAINING = "training"


class Asset(SQLModel, table=True):
    """One picture of one owner. Sizes in pixels and bytes; `storage_key`, `thumb_key`, `preview_key` name the bytes.

    `matte_key` names the matte of a cut-out that was made on the way, as it was before it was touched up. `parent_id`
    is the picture it was made from. `details` holds what a person may want to know of how it came about: for a result
    the recipe, confidence, checks, marketplace rules and stage durations; for an upload its notes.
    """

    __tablename__ = "assets"
    __table_args__ = (
        _index("ix_assets_gallery", "user_id", "id", where=_KEPT),
        _index("ix_assets_kind", "user_id", "kind", "id", where=_KEPT),
        _index("ix_assets_name", "user_id", "name_key", "id", where=_KEPT),
        _index("ix_assets_favorite", "user_id", "is_favorite", "id", where=_KEPT),
        _index("ix_assets_trash", "user_id", "deleted_at", where=_TRASHED),
        _index("ix_assets_expiry", "expires_at", where=_EXPIRES),
        sa.Index("ix_assets_sha256", "sha256"),
    )

    id: str = Field(default_factory=lambda: new_id("ast"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    kind: str = AssetKind.ORIGINAL
    filename: str
    name_key: str = ""  # the file name case-folded, for search and order; SQLite folds ASCII only
    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    storage_key: str
    thumb_key: str
    preview_key: str
    matte_key: str | None = None
    has_alpha: bool = False
    parent_id: str | None = Field(default=None, index=True)
    job_id: str | None = Field(default=None, index=True)
    product_id: str | None = Field(default=None, index=True)
    operations: str = ""  # the recipe's operation ids, space separated, for filters
    is_favorite: bool = False
    digital_source_type: str | None = None
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
