"""A picture as pages and the API see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.models import Asset
from services.library.links import signed_path


@dataclass(frozen=True)
class AssetUrls:
    """Signed, private paths below `/files/`, the same all day so that a browser keeps what it loaded."""

    content: str
    thumb: str
    preview: str
    download: str


@dataclass(frozen=True)
class AssetView:
    """One picture. Sizes in pixels and bytes; `operations` are ids of the catalogue in the order they ran;
    `has_matte` says that the product was cut out on the way, so that it can be touched up."""

    id: str
    kind: str
    filename: str
    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    has_alpha: bool
    has_matte: bool
    created_at: datetime
    expires_at: datetime | None
    deleted_at: datetime | None
    product_id: str | None
    job_id: str | None
    parent_id: str | None
    operations: tuple[str, ...]
    is_favorite: bool
    digital_source_type: str | None
    details: dict[str, Any]
    urls: AssetUrls


def view_of(asset: Asset) -> AssetView:
    """The view of a row."""
    return AssetView(
        id=asset.id,
        kind=asset.kind,
        filename=asset.filename,
        content_type=asset.content_type,
        width=asset.width,
        height=asset.height,
        bytes=asset.bytes,
        sha256=asset.sha256,
        has_alpha=asset.has_alpha,
        has_matte=asset.matte_key is not None,
        created_at=asset.created_at,
        expires_at=asset.expires_at,
        deleted_at=asset.deleted_at,
        product_id=asset.product_id,
        job_id=asset.job_id,
        parent_id=asset.parent_id,
        operations=tuple(asset.operations.split()),
        is_favorite=asset.is_favorite,
        digital_source_type=asset.digital_source_type,
        details=dict(asset.details),
        urls=AssetUrls(
            content=signed_path(asset.id, "original"),
            thumb=signed_path(asset.id, "thumb"),
            preview=signed_path(asset.id, "preview"),
            download=signed_path(asset.id, "original", download=True),
        ),
    )
