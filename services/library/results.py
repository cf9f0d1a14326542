"""What a job needs of the library: its inputs, and storing its results. Helpers; the job owns the transaction."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from PIL import Image
from sqlmodel import Session, col, select

from db.models import Asset, AssetKind
from services.errors import NotFound
from services.library.derivatives import PREVIEW_SIDE, matte_of, preview_of, thumb_of
from services.library.filenames import clean_filename
from services.library.pictures import PreparedPicture, discard, load, store
from services.studio.encoding import READABLE, ImageUnreadable, Pixels

__all__ = ["PreparedPicture", "add_result", "discard", "load", "owned_assets", "prepare_result"]


def owned_assets(session: Session, actor_id: str, ids: Sequence[str]) -> list[Asset]:
    """The rows of `ids`, in that order. Raises NotFound if one is another person's, in the trash or gone."""
    rows = session.exec(
        select(Asset).where(col(Asset.id).in_(set(ids)), Asset.user_id == actor_id, col(Asset.deleted_at).is_(None))
    )
    found = {row.id: row for row in rows}
    if missing := [asset_id for asset_id in ids if asset_id not in found]:
        raise NotFound(f"We could not find the picture {missing[0]}. It may have been deleted.")
    return [found[asset_id] for asset_id in ids]


def prepare_result(
    data: bytes,
    filename: str,
    shown: Image.Image | None = None,
    source_type: str | None = None,
    matte: Pixels | None = None,
) -> PreparedPicture:
    """Write an encoded result (JPEG, PNG, WebP or AVIF) and its small versions to the store; no database.

    `shown` is the same picture decoded, RGBA if and only if something in it is transparent; it may be smaller, but not
    below the preview's size. Without it `data` is decoded. `source_type` is the IPTC digital source type that `data`
    says, for the small versions to say too. `matte` (H×W uint8) is that of the cut-out on the way.
    Raises ImageUnreadable if the bytes are not a picture, StorageUnavailable.
    """
    try:
        with Image.open(io.BytesIO(data), formats=READABLE) as image:
            width, height, content_type = image.width, image.height, image.get_format_mimetype()
            pixels = _decoded(image) if shown is None else shown
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ImageUnreadable from error
    if content_type is None:
        raise ImageUnreadable
    preview = preview_of(pixels, source_type)
    return store(
        data=data,
        thumb=thumb_of(preview.image, source_type),
        preview=preview.data,
        filename=clean_filename(filename, content_type),
        content_type=content_type,
        size=(width, height),
        has_alpha=pixels.mode == "RGBA",
        sha256=hashlib.sha256(data).hexdigest(),
        matte=None if matte is None else matte_of(matte),
    )


def _decoded(image: Image.Image) -> Image.Image:
    """RGB, or RGBA if anything is transparent; no larger than the preview needs where the format allows it."""
    image.draft("RGB", (PREVIEW_SIDE, PREVIEW_SIDE))  # a JPEG decodes at the next larger eighth
    pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if pixels.mode == "RGBA" and pixels.getchannel("A").getextrema() == (255, 255):
        return pixels.convert("RGB")
    return pixels


def add_result(
    session: Session,
    prepared: PreparedPicture,
    *,
    user_id: str,
    job_id: str | None,
    parent_id: str | None,
    operations: Sequence[str] | str,
    details: dict[str, Any],
    product_id: str | None = None,
    digital_source_type: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Add the row of a prepared result; returns its asset id. `operations` are the recipe's operation ids in order."""
    asset = new_row(
        prepared,
        user_id=user_id,
        kind=AssetKind.RESULT,
        job_id=job_id,
        parent_id=parent_id,
        operations=operations if isinstance(operations, str) else " ".join(operations),
        details=details,
        product_id=product_id,
        digital_source_type=digital_source_type,
        expires_at=expires_at,
    )
    session.add(asset)
    session.flush()
    return asset.id


def new_row(prepared: PreparedPicture, *, user_id: str, kind: AssetKind, **others: Any) -> Asset:
    """An `Asset` of a prepared picture, not yet in a session."""
    return Asset(
        user_id=user_id,
        kind=kind,
        name_key=prepared.filename.casefold(),
        **asdict(prepared),  # its fields are named like the columns
        **others,
    )
