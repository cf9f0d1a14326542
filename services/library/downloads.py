"""Pictures on their way out: in another format or size, before and after side by side, many in a ZIP."""

import io
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Literal, get_args

import numpy as np
from PIL import Image

import db
from db.models import Asset
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid, NotFound
from services.library import pictures
from services.library.derivatives import fitted
from services.library.filenames import unused, with_suffix
from services.library.intake import one_at_a_time
from services.library.links import VARIANTS, Content, StoredFile, Variant, stored_file
from services.library.owned import owned
from services.library.results import owned_assets
from services.studio import provenance
from services.studio.compare import before_after as side_by_side
from services.studio.encoding import CONTENT_TYPES, READABLE

Format = Literal["jpeg", "png", "webp", "avif"]
FORMATS: tuple[Format, ...] = get_args(Format)
MAX_ARCHIVED = 500
_SPOOLED = 8 * 1024 * 1024
_COMPARED_SIDE = 2400


@dataclass(frozen=True)
class Archive:
    """A ZIP, open at its beginning (close it), its size in bytes and a name for it."""

    file: IO[bytes]
    size: int
    filename: str


@dataclass(frozen=True)
class Rendition:
    """A picture as it was asked for, not read yet: `etag` and `content_type` are known before any work is done."""

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
            data = _converted(data, self.content_type, self.max_side, self.source_type)
        return Content(data, self.content_type, self.filename, self.etag)


def rendition(
    actor: Actor,
    asset_id: str,
    variant: Variant = "original",
    format: Format | None = None,
    max_side: int | None = None,
) -> Rendition:
    """How a picture can be had: as kept, or converted. In JPEG what is transparent becomes white; nothing is enlarged.

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
    """A JPEG of the picture a result was made from and the result, side by side.

    Raises NotFound if the picture was made from no other, or that one is gone.
    """
    actor.require_scope("read")
    with db.snapshot() as session:
        after = owned(session, actor, asset_id)
        if after.parent_id is None:
            raise NotFound("This picture was not made from another, so there is nothing to compare it with.")
        before = owned(session, actor, after.parent_id)
    files = pictures.load(before), pictures.load(after)
    with one_at_a_time:
        left, right = (np.asarray(_opened(file, _COMPARED_SIDE), np.uint8) for file in files)
        data = _encoded(Image.fromarray(side_by_side(left, right)), "image/jpeg", after.digital_source_type)
    stem = with_suffix(after.filename, "image/jpeg").removesuffix(".jpg")
    return Content(data, "image/jpeg", f"{stem} before and after.jpg", f"{before.sha256[:16]}-{after.sha256[:16]}")


def archive(actor: Actor, ids: Sequence[str]) -> Archive:
    """A ZIP of those pictures under their names, made different where they are not.

    Raises NotFound if one is another's, in the trash or gone; Invalid for none or more than 500; StorageUnavailable.
    """
    actor.require_scope("read")
    wanted = list(dict.fromkeys(ids))
    if not 1 <= len(wanted) <= MAX_ARCHIVED:
        raise Invalid(errors=(FieldError("ids", f"Choose between 1 and {MAX_ARCHIVED} pictures."),))
    with db.snapshot() as session:
        assets = owned_assets(session, actor.id, wanted)
    return pack(_named(assets), f"vitrine-{db.now():%Y-%m-%d}-{len(assets)}-pictures.zip")


def pack(entries: Sequence[tuple[str, Asset]], filename: str) -> Archive:
    """A ZIP of pictures under names that are safe and different already. It lies on disk beyond 8 MB.

    Raises StorageUnavailable, ObjectMissing.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_SPOOLED)  # noqa: SIM115  the caller reads and closes it
    try:
        _pack(file, entries)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    return Archive(file, size, filename)


def _named(assets: Sequence[Asset]) -> list[tuple[str, Asset]]:
    taken: set[str] = set()
    entries = []
    for asset in assets:
        name = unused(asset.filename, taken)
        taken.add(name.casefold())
        entries.append((name, asset))
    return entries


def _pack(file: IO[bytes], entries: Sequence[tuple[str, Asset]]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:  # pictures do not shrink further
        for name, asset in entries:
            entry = zipfile.ZipInfo(name, asset.created_at.timetuple()[:6])
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, pictures.load(asset))


def _converted(data: bytes, content_type: str, max_side: int | None, source_type: str | None) -> bytes:
    with one_at_a_time:
        return _encoded(_opened(data, max_side), content_type, source_type)


def _opened(data: bytes, longest: int | None) -> Image.Image:
    """One of our own files as RGB or RGBA, at most `longest` pixels on its long side."""
    with Image.open(io.BytesIO(data), formats=READABLE) as image:
        if longest is not None:
            image.draft("RGB", (longest, longest))
        pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    return fitted(pixels, longest) if longest else pixels


def _encoded(image: Image.Image, content_type: str, source_type: str | None) -> bytes:
    buffer = io.BytesIO()
    image.info = {}
    format = content_type.removeprefix("image/").upper()
    said = provenance.saved(format, source_type)
    if format == "JPEG":
        _on_white(image).save(buffer, format, quality=92, subsampling=0, **said)
    elif format == "PNG":
        image.save(buffer, format, compress_level=4, **said)
    elif format == "WEBP":
        image.save(buffer, format, quality=92, method=2, **said)
    else:
        image.save(buffer, format, quality=85, speed=10, subsampling="4:4:4", **said)
    return buffer.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(image, mask=image.getchannel("A"))
    return white
