"""The use cases of pictures: upload, import, get, rename, trash, restore, delete."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog
from sqlmodel import Session, col, select

import db
from db.models import Asset, AssetKind, Product, ProductPicture
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid
from services.library import pictures, remote
from services.library.downloads import Archive, archive, before_after, content
from services.library.filenames import clean_filename
from services.library.gallery import AssetFilters, AssetPage, Sort, list_assets
from services.library.intake import Intake, read_upload
from services.library.links import Content
from services.library.owned import owned
from services.library.results import new_row
from services.library.views import AssetUrls, AssetView, view_of

__all__ = [
    "Archive",
    "AssetFilters",
    "AssetPage",
    "AssetUrls",
    "AssetView",
    "Content",
    "Sort",
    "archive",
    "before_after",
    "content",
    "get_asset",
    "import_url",
    "list_assets",
    "purge",
    "restore_asset",
    "sweep",
    "trash_asset",
    "update_asset",
    "upload",
]

TRASH_KEPT = timedelta(days=30)
UPLOAD_KINDS = tuple(kind for kind in AssetKind if kind != AssetKind.RESULT)

_log = structlog.get_logger(__name__)


def upload(actor: Actor, data: bytes, filename: str, kind: str = AssetKind.ORIGINAL) -> AssetView:
    """Store an uploaded picture. Raises as `read_upload` does, Invalid for an unknown kind, StorageUnavailable."""
    actor.require_scope("write")
    if kind not in UPLOAD_KINDS:
        raise Invalid(errors=(FieldError("kind", f"Choose one of: {', '.join(UPLOAD_KINDS)}."),))
    return _keep(actor, read_upload(data, filename), AssetKind(kind))


def import_url(actor: Actor, url: str, kind: str = AssetKind.ORIGINAL) -> AssetView:
    """Fetch a picture from a public address and store it. Raises as `remote.fetch` and `upload` do."""
    actor.require_scope("write")
    data, filename = remote.fetch(url)
    return upload(actor, data, filename, kind)


def _keep(actor: Actor, picture: Intake, kind: AssetKind) -> AssetView:
    prepared = pictures.store(
        data=picture.data,
        thumb=picture.thumb,
        preview=picture.preview,
        filename=picture.filename,
        content_type=picture.content_type,
        size=(picture.width, picture.height),
        has_alpha=picture.has_alpha,
        sha256=picture.sha256,
    )
    details = {"notes": list(picture.notes)} if picture.notes else {}
    asset = new_row(prepared, user_id=actor.id, kind=kind, details=details)
    try:
        with db.transaction() as session:
            session.add(asset)
    except BaseException:
        pictures.discard(prepared)
        raise
    return view_of(asset)


def get_asset(actor: Actor, asset_id: str) -> AssetView:
    """One picture of this person, also from the trash. Raises NotFound."""
    with db.snapshot() as session:
        return view_of(owned(session, actor, asset_id))


def find_assets(actor: Actor, ids: Iterable[str]) -> dict[str, AssetView]:
    """Those of `ids` that are this person's, by id, also from the trash; in one query."""
    with db.snapshot() as session:
        rows = session.scalars(select(Asset).where(col(Asset.id).in_(set(ids)), col(Asset.user_id) == actor.id))
        return {row.id: view_of(row) for row in rows}


def update_asset(
    actor: Actor, asset_id: str, *, filename: str | None = None, is_favorite: bool | None = None
) -> AssetView:
    """Rename a picture (its extension still follows its format) or mark it as a favourite. Raises NotFound, Invalid."""
    with _changing(actor, asset_id) as asset:
        if filename is not None:
            if not filename.strip():
                raise Invalid(errors=(FieldError("filename", "Give the picture a name."),))
            asset.filename = clean_filename(filename, asset.content_type)
            asset.name_key = asset.filename.casefold()
        if is_favorite is not None:
            asset.is_favorite = is_favorite
    return view_of(asset)


def trash_asset(actor: Actor, asset_id: str) -> AssetView:
    """Move a picture to the trash; it is deleted after 30 days. Doing it twice changes nothing."""
    with _changing(actor, asset_id) as asset:
        asset.deleted_at = asset.deleted_at or db.now()
    return view_of(asset)


def restore_asset(actor: Actor, asset_id: str) -> AssetView:
    """Take a picture out of the trash. Raises NotFound."""
    with _changing(actor, asset_id) as asset:
        asset.deleted_at = None
    return view_of(asset)


@contextmanager
def _changing(actor: Actor, asset_id: str) -> Iterator[Asset]:
    """The row, to be changed in the block and saved after it. Raises NotFound."""
    actor.require_scope("write")
    with db.transaction() as session:
        yield owned(session, actor, asset_id)


def purge(actor: Actor, asset_id: str) -> None:
    """Delete a picture and its bytes for good. Raises NotFound, StorageUnavailable (then nothing is deleted)."""
    actor.require_scope("write")
    with db.snapshot() as session:
        asset = owned(session, actor, asset_id)
    _delete(asset)


def sweep(limit: int = 1000) -> int:
    """Delete for good what has expired or has been in the trash for 30 days; returns how many pictures."""
    now = db.now()
    with db.snapshot() as session:
        due = session.exec(
            select(Asset)
            .where((col(Asset.expires_at) < now) | (col(Asset.deleted_at) < now - TRASH_KEPT))
            .order_by(col(Asset.id))
            .limit(limit)
        ).all()
    for asset in due:
        _delete(asset)
    if due:
        _log.info("pictures_swept", count=len(due))
    return len(due)


def _delete(asset: Asset) -> None:
    """Files first: if the store is unreachable, the row stays and the next attempt finds them."""
    with db.snapshot() as session:
        shared = session.exec(
            select(Asset.id).where(
                Asset.sha256 == asset.sha256, Asset.storage_key == asset.storage_key, Asset.id != asset.id
            )
        ).first()
    if shared is None:
        pictures.remove(asset)
    with db.transaction() as session:
        _lock_product_of(session, asset.id)
        if row := session.get(Asset, asset.id):
            session.delete(row)


def _lock_product_of(session: Session, asset_id: str) -> None:
    """Deleting a picture changes its product too. Whoever changes a product locks it before its pictures: were this the
    other way round, each could wait for the other."""
    its = select(Product.id).join(ProductPicture, col(ProductPicture.product_id) == col(Product.id))
    session.exec(its.where(ProductPicture.asset_id == asset_id).with_for_update(of=Product, key_share=True)).all()
