"""Pictures over the API: upload, list, look at, change, delete, restore, and their bytes."""

import base64
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from api.edge.picture_responses import not_modified, picture, unchanged
from api.v1.dependencies import Reader, Writer
from api.v1.idempotency import IdempotentRoute
from api.v1.intake_turns import take_in
from api.v1.pagination import ListOf, PageCursor
from api.v1.schemas import Body, Moment, Time, View
from config import settings
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid
from services.library import assets
from services.library.assets import AssetFilters, AssetView, Sort
from services.library.downloads import Format, rendition
from services.library.intake import FileTooLarge, UnsupportedMedia
from services.library.links import Variant

router = APIRouter(prefix="/assets", tags=["assets"], route_class=IdempotentRoute)

Kind = Literal["original", "result", "logo", "garment", "person", "training"]
UploadKind = Literal["original", "logo", "garment", "person", "training"]


class Urls(View):
    """Signed addresses, good for a day or two without a key; the content route needs one."""

    content: str
    thumb: str
    preview: str
    download: str


class Asset(View):
    """A picture. Sizes in pixels and bytes."""

    id: str
    object: Literal["asset"] = "asset"
    kind: Kind
    filename: str
    content_type: str
    width: int
    height: int
    bytes: int
    sha256: str
    has_alpha: bool
    created_at: Time
    expires_at: Time | None
    deleted_at: Time | None = Field(description="When it was put in the trash; it goes for good 30 days later.")
    product_id: str | None
    job_id: str | None
    parent_id: str | None = Field(description="The picture it was made from.")
    operations: list[str]
    is_favorite: bool
    digital_source_type: str | None
    details: dict[str, Any] = Field(description="How a result came about; of an upload, what we changed.")
    urls: Urls

    @classmethod
    def of(cls, view: AssetView) -> "Asset":
        base = settings().public_url
        asset = cls.model_validate(view)
        asset.urls = Urls(
            content=base + view.urls.content,
            thumb=base + view.urls.thumb,
            preview=base + view.urls.preview,
            download=base + view.urls.download,
        )
        return asset


class UrlBody(Body):
    """A picture to fetch from a public address."""

    url: str = Field(min_length=1, max_length=2000, examples=["https://shop.example/mug.jpg"])
    kind: UploadKind = "original"


class AssetChanges(Body):
    """What to change; a field left out or null stays."""

    filename: str | None = Field(default=None, min_length=1, max_length=200)
    is_favorite: bool | None = None


class Base64Content(View):
    """A picture as text."""

    id: str
    object: Literal["asset_content"] = "asset_content"
    filename: str
    content_type: str
    base64: str


_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "kind": {"type": "string", "enum": list(UploadKind.__args__), "default": "original"},  # type: ignore[attr-defined]
                    },
                }
            },
            "application/json": {"schema": UrlBody.model_json_schema()},
        },
    }
}


@router.post("", status_code=201, summary="Upload a picture", openapi_extra=_UPLOAD)
async def create_asset(request: Request, actor: Writer) -> Asset:
    """Send a multipart `file`, or JSON with the `url` of a public picture.

    JPEG, PNG, WebP, HEIC, AVIF and GIF (its first frame) are accepted, recognised by content. The picture is turned
    upright and encoded again in sRGB without its metadata.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return Asset.of(await _from_form(request, actor))
    if kind == "application/json":
        body = await UrlBody.read(request)
        return Asset.of(await take_in(request, assets.import_url, actor, body.url, body.kind))
    raise UnsupportedMedia("Send the picture as multipart/form-data with a part named 'file', or JSON with a 'url'.")


async def _from_form(request: Request, actor: Actor) -> AssetView:
    form = await request.form(max_files=4, max_fields=16)
    file, kind = uploaded_file(form), form.get("kind", "original")
    data = await file.read()
    return await take_in(request, assets.upload, actor, data, file.filename or "picture", str(kind))


def uploaded_file(form: FormData) -> UploadFile:
    """The part named `file`. Raises Invalid if it is none or text, FileTooLarge."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        message = "Add the picture as a part named 'file'."
        raise Invalid(message, errors=(FieldError("file", message),))
    if file.size is not None and file.size > settings().max_upload_bytes:
        raise FileTooLarge.over(settings().max_upload_bytes)
    return file


@router.get("", summary="List pictures")
def list_assets(
    actor: Reader,
    cursor: PageCursor,
    q: Annotated[str, Query(max_length=200, description="Words in the file name.")] = "",
    kind: Kind | None = None,
    operation: Annotated[str | None, Query(max_length=40, description="Results of this operation.")] = None,
    favorite: bool | None = None,
    trashed: Annotated[bool, Query(description="What is in the trash, instead of what is not.")] = False,
    product_id: Annotated[str | None, Query(max_length=80)] = None,
    job_id: Annotated[str | None, Query(max_length=80)] = None,
    since: Moment | None = None,
    until: Moment | None = None,
    sort: Sort = "newest",
) -> ListOf[Asset]:
    """Your own pictures, newest first unless `sort` says otherwise."""
    page = assets.list_assets(
        actor,
        filters=AssetFilters(
            q=q,
            kind=kind,
            operation=operation,
            favorite=favorite,
            trashed=trashed,
            product_id=product_id,
            job_id=job_id,
            since=since,
            until=until,
        ),
        sort=sort,
        limit=cursor.limit,
        starting_after=cursor.starting_after,
    )
    return ListOf[Asset](data=[Asset.of(item) for item in page.items], has_more=page.has_more)


@router.get("/{asset_id}", summary="Get a picture's data")
def get_asset(asset_id: str, actor: Reader) -> Asset:
    """Also of one in the trash."""
    return Asset.of(assets.get_asset(actor, asset_id))


@router.patch("/{asset_id}", summary="Rename a picture or mark it as a favourite")
def update_asset(asset_id: str, changes: AssetChanges, actor: Writer) -> Asset:
    """The extension of the name follows the picture's format."""
    return Asset.of(assets.update_asset(actor, asset_id, filename=changes.filename, is_favorite=changes.is_favorite))


@router.delete("/{asset_id}", status_code=204, summary="Put a picture in the trash")
def delete_asset(
    asset_id: str,
    actor: Writer,
    permanent: Annotated[bool, Query(description="Delete it and its bytes at once and for good.")] = False,
) -> None:
    """It can be restored for 30 days."""
    if permanent:
        assets.purge(actor, asset_id)
    else:
        assets.trash_asset(actor, asset_id)


@router.post("/{asset_id}/restore", summary="Take a picture out of the trash")
def restore_asset(asset_id: str, actor: Writer) -> Asset:
    """Nothing happens if it was not there."""
    return Asset.of(assets.restore_asset(actor, asset_id))


_PICTURES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture.",
        "content": {
            media: {"schema": {"type": "string", "format": "binary"}}
            for media in ("image/jpeg", "image/png", "image/webp", "image/avif")
        },
    },
    304: {"description": "The copy named in If-None-Match is still right."},
}


@router.get("/{asset_id}/content", summary="Get a picture's bytes", response_class=Response, responses=_PICTURES)
def get_content(
    asset_id: str,
    actor: Reader,
    request: Request,
    variant: Variant = "original",
    format: Annotated[Format | None, Query(description="Convert to this format; in JPEG, clear becomes white.")] = None,
    max_side: Annotated[int | None, Query(ge=1, le=16_383, description="Make it this small, in pixels.")] = None,
) -> Response:
    """As kept (`original`), at most 1280 px (`preview`) or 320 px (`thumb`), with an ETag."""
    wanted = rendition(actor, asset_id, variant, format, max_side)
    if unchanged(request, wanted.etag):
        return not_modified(wanted.etag)
    return picture(wanted.content())


@router.get("/{asset_id}/base64", summary="Get a picture as base64")
def get_base64(
    asset_id: str, actor: Reader, variant: Variant = "original", format: Format | None = None
) -> Base64Content:
    """The same bytes as `/content`, inside JSON."""
    found = assets.content(actor, asset_id, variant, format)
    return Base64Content(
        id=asset_id,
        filename=found.filename,
        content_type=found.content_type,
        base64=base64.b64encode(found.data).decode(),
    )
