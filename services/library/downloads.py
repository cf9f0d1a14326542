"""Downloads: a picture in another format or size, before and after side by side, many in a ZIP."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from zipstream import ZipStream

import db
from db.models import Asset
from services import pixels
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid, NotFound
from services.library import pictures
from services.library.filenames import unused, with_suffix
from services.library.links import VARIANTS, Content, StoredFile, Variant, stored_file
from services.library.owned import owned
from services.library.results import owned_assets
from services.studio.comparison import stored_comparison
from services.studio.encoding import CONTENT_TYPES

Format = Literal["jpeg", "png", "webp", "avif"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_ARCHIVED = 500
_PIECE = 256 * 1024
_SECONDS = 60.0


@dataclass(frozen=True)
class Archive:
    """A ZIP that is streamed and never whole in memory: its chunks, its size in bytes, and a file name."""

    pieces: Iterator[bytes]
    size: int
    filename: str


@dataclass(frozen=True)
class Rendition:
    """A picture as requested, not read yet: `etag` and `content_type` are known before any work is done."""

    source: StoredFile
    content_type: str
    filename: str
    etag: str
    max_side: int | None
    source_type: str | None

    def content(self) -> Content:
        """The bytes. Raises StorageUnavailable, ObjectMissing."""
        data = self.source.read()
        if self.etag != self.source.etag:
            data = _in_pool("converted", data, self.content_type, self.max_side, self.source_type)
        return Content(data, self.content_type, self.filename, self.etag)


def rendition(
    actor: Actor,
    asset_id: str,
    variant: Variant = "original",
    format: Format | None = None,
    max_side: int | None = None,
) -> Rendition:
    """A picture as stored, or converted. In JPEG transparent parts become white; nothing is enlarged.

    `max_side` in pixels. Raises NotFound, Invalid.
    """
    actor.require_scope("read")
    if variant not in VARIANTS:
        raise Invalid(errors=(FieldError("variant", f"Choose one of: {', '.join(VARIANTS)}."),))
    if format is not None and format not in FORMATS:
        raise Invalid(errors=(FieldError("format", f"Choose one of: {', '.join(FORMATS)}."),))
    if max_side is not None and max_side < 1:
        raise Invalid(errors=(FieldError("max_side", "Give a number of pixels, 1 or more."),))
    with db.snapshot() as session:
        asset = owned(session, actor, asset_id)
    source = stored_file(asset, variant)
    if variant == "original" and max_side is not None and max_side >= max(asset.width, asset.height):
        max_side = None
    content_type = CONTENT_TYPES[format] if format else source.content_type
    if max_side is None and content_type == source.content_type:
        return Rendition(source, content_type, source.filename, source.etag, None, asset.digital_source_type)
    etag = f"{source.etag}-{content_type.removeprefix('image/')}-{max_side or 0}"
    filename = with_suffix(source.filename, content_type)
    return Rendition(source, content_type, filename, etag, max_side, asset.digital_source_type)


def content(
    actor: Actor,
    asset_id: str,
    variant: Variant = "original",
    format: Format | None = None,
    max_side: int | None = None,
) -> Content:
    """The bytes of `rendition`. Raises NotFound, Invalid, StorageUnavailable."""
    return rendition(actor, asset_id, variant, format, max_side).content()


def before_after(actor: Actor, asset_id: str) -> Content:
    """A JPEG of the picture a result was made from and the result, side by side, the product at the same place in both
    as far as that is known.

    Raises NotFound if the picture was not made from another, or that one is gone; and as `pixels.run`.
    """
    actor.require_scope("read")
    with db.snapshot() as session:
        after = owned(session, actor, asset_id)
        if after.parent_id is None:
            raise NotFound("This picture was not made from another, so there is nothing to compare it with.")
        before = owned(session, actor, after.parent_id)
    files = pictures.load(before), pictures.load(after)
    data = _in_pool("compared", *files, stored_comparison(after.details).registration, after.digital_source_type)
    stem = with_suffix(after.filename, "image/jpeg").removesuffix(".jpg")
    return Content(data, "image/jpeg", f"{stem} before and after.jpg", f"{before.sha256[:16]}-{after.sha256[:16]}")


def archive(actor: Actor, ids: Sequence[str]) -> Archive:
    """A ZIP of those pictures under their names; equal names get a number.

    Raises NotFound if one is another person's, in the trash or gone, Invalid for none or more than 500,
    StorageUnavailable.
    """
    actor.require_scope("read")
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MAX_ARCHIVED:
        raise Invalid(errors=(FieldError("ids", f"Choose between 1 and {MAX_ARCHIVED} pictures."),))
    with db.snapshot() as session:
        assets = owned_assets(session, actor.id, wanted)
    return pack(_named(assets), f"vitrine-{db.now():%Y-%m-%d}-{len(assets)}-pictures.zip")


def pack(entries: Sequence[tuple[str, Asset]], filename: str) -> Archive:
    """A ZIP of pictures under names that are already safe and distinct. Pictures are read from the store one at a time:
    the first here, so that an unreachable store is noticed before anything is sent, the others as they are sent.

    Raises StorageUnavailable, ObjectMissing; so do the chunks.
    """
    packed = ZipStream(sized=True)  # uncompressed: pictures do not compress further
    first = pictures.load(entries[0][1])
    for number, (name, asset) in enumerate(entries):
        packed.add(_in_pieces(asset, None if number else first), name, size=asset.bytes)
    return Archive(iter(packed), len(packed), filename)


def _in_pieces(asset: Asset, data: bytes | None) -> Iterator[bytes]:
    whole = memoryview(pictures.load(asset) if data is None else data)
    for at in range(0, len(whole), _PIECE):
        yield bytes(whole[at : at + _PIECE])


def _named(assets: Sequence[Asset]) -> list[tuple[str, Asset]]:
    taken: set[str] = set()
    entries = []
    for asset in assets:
        name = unused(asset.filename, taken)
        taken.add(name.casefold())
        entries.append((name, asset))
    return entries


def _in_pool(task: str, *args: object) -> bytes:
    return cast(bytes, pixels.run(f"services.library.conversion:{task}", *args, seconds=_SECONDS))
