"""Signed, time-limited links to pictures: whoever has one may load that picture, and nothing else, until it expires."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from itsdangerous import BadSignature, Signer
from sqlmodel import col, select

import db
from config import settings
from db.models import Asset
from services.errors import NotFound
from services.library import derivatives, storage
from services.library.filenames import with_suffix

Variant = Literal["original", "preview", "thumb"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)

_DAY = 24 * 3600
_EXPIRED = "This link has expired. Open the page again to get a new one."


@dataclass(frozen=True)
class StoredFile:
    """Where the bytes of one variant are and how to serve them. `max_age` in seconds, no longer than the link."""

    key: str
    content_type: str
    filename: str
    etag: str
    max_age: int
    download: bool = False

    def read(self) -> bytes:
        """The bytes. Raises StorageUnavailable, ObjectMissing."""
        return storage.current().get(self.key)


@dataclass(frozen=True)
class Content:
    """A picture file in memory; `etag` is without quotes."""

    data: bytes
    content_type: str
    filename: str
    etag: str


def signed_path(asset_id: str, variant: Variant, *, download: bool = False) -> str:
    """`/files/<token>`, valid for one to two days and the same all day (UTC), so that browsers can cache it."""
    day = int(db.now().timestamp()) // _DAY + 2
    flag = "d" if download else ""
    return f"/files/{_signer(_secret()).sign(f'{asset_id}.{variant[0]}{flag}.{day:x}').decode()}"


def resolve_link(token: str) -> StoredFile:
    """The file that a token of `signed_path` names. Raises NotFound if it is forged or expired, or its picture gone."""
    try:
        asset_id, code, day = _signer(_secret()).unsign(token).decode().split(".")
    except (BadSignature, UnicodeError, ValueError) as error:
        raise NotFound("This link is not valid. Open the page again to get a new one.") from error
    left = int(day, 16) * _DAY - int(db.now().timestamp())
    if left <= 0:
        raise NotFound(_EXPIRED)
    variant = next(name for name in VARIANTS if name[0] == code[0])
    with db.snapshot() as session:
        asset = session.exec(select(Asset).where(col(Asset.id) == asset_id)).first()
    if asset is None:
        raise NotFound
    return stored_file(asset, variant, max_age=left, download=code.endswith("d"))


def stored_file(asset: Asset, variant: Variant, *, max_age: int = 0, download: bool = False) -> StoredFile:
    """Where `variant` of `asset` is stored."""
    if variant == "original":
        key, content_type, filename = asset.storage_key, asset.content_type, asset.filename
    else:
        if variant == "thumb":
            key, content_type = asset.thumb_key, derivatives.THUMB_TYPE
        else:
            key, content_type = asset.preview_key, derivatives.preview_type(asset.has_alpha)
        filename = with_suffix(asset.filename, content_type)
    return StoredFile(key, content_type, filename, f"{asset.sha256[:32]}-{variant[0]}", max_age, download)


def _secret() -> str:
    return settings().secret_key.get_secret_value()


@lru_cache(maxsize=4)
def _signer(secret: str) -> Signer:
    return Signer(secret, salt="vitrine.files", sep=".", key_derivation="hmac", digest_method=hashlib.sha256)
