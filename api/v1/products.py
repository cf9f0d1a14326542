"""Products over the API: make, list, look at, change, archive; their pictures; a ZIP of what was made from them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.edge.picture_responses import archive
from api.v1.assets import Asset, uploaded_file
from api.v1.dependencies import Reader, Writer
from api.v1.idempotency import IdempotentRoute, RunKey
from api.v1.intake_turns import take_in
from api.v1.pagination import ListOf, PageCursor
from api.v1.schemas import PREFIX, Body, Money, Time, View
from config import settings
from services.accounts.actor import Actor
from services.catalog import export, pictures, products
from services.catalog.fields import (
    MAX_CATEGORY,
    MAX_DESCRIPTION,
    MAX_PRICE,
    MAX_SKU,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    ProductChanges,
    ProductFields,
)
from services.catalog.listing import ProductFilters, Sort
from services.catalog.listing import list_products as list_of_products
from services.catalog.views import PictureGroup, PictureInProduct, ProductView
from services.errors import FieldError, Invalid
from services.library.intake import UnsupportedMedia

router = APIRouter(prefix="/products", tags=["products"], route_class=IdempotentRoute)

Status = Literal["draft", "active", "archived"]
Sku = Annotated[str, Field(min_length=1, max_length=MAX_SKU, examples=["MUG-BLUE"])]
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE, examples=["Blue mug"])]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION)]
Category = Annotated[str, Field(max_length=MAX_CATEGORY, examples=["Kitchen"])]
Tags = Annotated[
    list[Annotated[str, Field(max_length=MAX_TAG)]], Field(max_length=MAX_TAGS, examples=[["tea", "blue"]])
]
Cents = Annotated[int, Field(strict=True, ge=0, le=MAX_PRICE)]  # strict: `true` is no price
AssetId = Annotated[str, Field(min_length=1, max_length=80)]


class PriceBody(Body):
    """An amount in minor units."""

    amount: Cents
    currency: Literal["usd"] = "usd"


def _as_money(value: object) -> object:
    """An amount alone is money too. One model, so that a wrong price is named as `price.amount`."""
    return value if value is None or isinstance(value, dict | PriceBody) else {"amount": value}


Price = Annotated[
    PriceBody | None,
    BeforeValidator(_as_money, json_schema_input_type=PriceBody | Cents | None),
    Field(description="Minor units, alone or as money.", examples=[1999]),
]


class ProductBody(Body):
    """A product to make."""

    sku: Sku
    title: Title
    description: Description = ""
    category: Category = ""
    tags: Tags = []  # noqa: RUF012  pydantic copies it
    price: Price = None
    status: Status = "draft"


class ProductChangesBody(Body):
    """What to change; a field left out stays, and so does one that is null, except the price, which null takes away."""

    sku: Sku | None = None
    title: Title | None = None
    description: Description | None = None
    category: Category | None = None
    tags: Tags | None = None
    price: Price = None
    status: Status | None = None


class ImageBody(Body):
    """A picture of your library."""

    asset_id: AssetId


class ImageChanges(Body):
    """Where the picture goes, with its photo and all that was made from it, and whether it stands for the product."""

    number: int | None = Field(default=None, ge=1, le=10_000, description="Its place, from 1; past the end is the end.")
    is_main: Literal[True] | None = None


class ProductUrls(View):
    """Where to look, add pictures and get the ZIP. Follow them; do not build them."""

    self: str
    images: str
    archive: str


class Product(View):
    """One thing you sell."""

    id: str
    object: Literal["product"] = "product"
    sku: str
    title: str
    description: str
    category: str
    tags: list[str]
    price: Money | None
    status: Status
    main_image: Asset | None = Field(description="The picture that stands for it: the chosen one, else the first.")
    image_count: int
    result_count: int = Field(description="How many of the images were made here.")
    created_at: Time
    updated_at: Time
    urls: ProductUrls

    @classmethod
    def of(cls, view: ProductView, **others: Any) -> "Product":
        base = f"{settings().public_url}{PREFIX}/products/{view.id}"
        return cls(
            id=view.id,
            sku=view.sku,
            title=view.title,
            description=view.description,
            category=view.category,
            tags=list(view.tags),
            price=None if view.price is None else Money(amount=view.price),
            status=view.status,
            main_image=None if view.main is None else Asset.of(view.main),
            image_count=view.picture_count,
            result_count=view.result_count,
            created_at=view.created_at,
            updated_at=view.updated_at,
            urls=ProductUrls(self=base, images=f"{base}/images", archive=f"{base}/archive"),
            **others,
        )


class ProductImage(View):
    """A picture of a product. A photo and what was made from it share a `number`, the place in the product."""

    object: Literal["product_image"] = "product_image"
    number: int
    is_main: bool
    asset: Asset

    @classmethod
    def of(cls, picture: PictureInProduct) -> "ProductImage":
        return cls(number=picture.number, is_main=picture.is_main, asset=Asset.of(picture.asset))


class ProductWithImages(Product):
    """A product with its pictures in order, each photo before what was made from it."""

    images: list[ProductImage]


@router.post("", status_code=201, summary="Make a product")
def create_product(body: ProductBody, actor: Writer, run_key: RunKey) -> Product:
    """409 `conflict` on `sku` if another of your products has it, in whatever case it is written."""
    fields = ProductFields(
        sku=body.sku,
        title=body.title,
        description=body.description,
        category=body.category,
        tags=tuple(body.tags),
        price=_cents(body.price),
        status=body.status,
    )
    return Product.of(products.create_product(actor, fields, key=run_key))


@router.get("", summary="List products")
def list_products(
    actor: Reader,
    cursor: PageCursor,
    q: Annotated[str, Query(max_length=200, description="Words in title and SKU.")] = "",
    category: Annotated[str | None, Query(max_length=MAX_CATEGORY)] = None,
    tag: Annotated[str | None, Query(max_length=MAX_TAG)] = None,
    status: Annotated[Status | None, Query(description="Only these; archived ones are listed, too.")] = None,
    sku: Annotated[str | None, Query(max_length=MAX_SKU, description="The one with this SKU, in any case.")] = None,
    sort: Sort = "newest",
) -> ListOf[Product]:
    """Your own products, newest first unless `sort` says otherwise."""
    filters = ProductFilters(q, category, tag, sku, (status,) if status else ())
    page = list_of_products(actor, filters=filters, sort=sort, limit=cursor.limit, starting_after=cursor.starting_after)
    return ListOf[Product](data=[Product.of(item) for item in page.items], has_more=page.has_more)


@router.get("/{product_id}", summary="Get a product with its pictures")
def get_product(product_id: str, actor: Reader) -> ProductWithImages:
    """Also an archived one."""
    view = products.get_product(actor, product_id)
    images = _images(view, pictures.product_pictures(actor, product_id))
    return ProductWithImages.model_validate(ProductWithImages.of(view, images=images))


@router.patch("/{product_id}", summary="Change a product")
def update_product(product_id: str, body: ProductChangesBody, actor: Writer) -> Product:
    """An archived product can only be changed along with its status."""
    changes: dict[str, Any] = {
        name: value
        for name in body.model_fields_set
        if (value := getattr(body, name)) is not None and name not in ("price", "tags")
    }
    if "price" in body.model_fields_set:
        changes["price"] = _cents(body.price)
    if body.tags is not None:
        changes["tags"] = tuple(body.tags)
    return Product.of(products.update_product(actor, product_id, **ProductChanges(**changes)))  # type: ignore[typeddict-item]


@router.delete("/{product_id}", status_code=204, summary="Archive a product")
def archive_product(product_id: str, actor: Writer) -> None:
    """It keeps its SKU and its pictures, takes no new ones, and can be restored at any time."""
    products.archive_product(actor, product_id)


@router.post("/{product_id}/restore", summary="Take a product out of the archive")
def restore_product(product_id: str, actor: Writer) -> Product:
    """It comes back as a draft. Nothing happens if it was not archived."""
    return Product.of(products.restore_product(actor, product_id))


_ADD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "A new photo."},
                        "asset_id": {"type": "string", "description": "Instead of a file: a picture of your library."},
                    },
                }
            },
            "application/json": {"schema": ImageBody.model_json_schema()},
        },
    }
}


@router.post("/{product_id}/images", status_code=201, summary="Add a picture to a product", openapi_extra=_ADD)
async def add_image(product_id: str, request: Request, actor: Writer) -> ProductImage:
    """Send a multipart `file`, or the `asset_id` of a picture you have, which may belong to no other product.

    It goes to the end; a picture that was made from one of the product's goes beside that one.
    """
    await run_in_threadpool(pictures.require_open, actor, product_id)
    return ProductImage.of(await _added(request, actor, product_id))


@router.patch("/{product_id}/images/{asset_id}", summary="Move a picture or make it the main one")
def update_image(product_id: str, asset_id: str, changes: ImageChanges, actor: Writer) -> ProductImage:
    """The others move up or down to make room."""
    return ProductImage.of(
        pictures.update_picture(actor, product_id, asset_id, number=changes.number, is_main=bool(changes.is_main))
    )


@router.delete("/{product_id}/images/{asset_id}", status_code=204, summary="Take a picture out of a product")
def remove_image(product_id: str, asset_id: str, actor: Writer) -> None:
    """It stays in your library."""
    pictures.remove_pictures(actor, product_id, [asset_id])


_ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The ZIP.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/{product_id}/archive", summary="Get a ZIP of a product's results", response_class=Response, responses=_ZIP
)
def get_archive(product_id: str, actor: Reader) -> Response:
    """Each named `{sku}-{n}-{preset}`, where n counts the product's photos in their order. 409 while there is none."""
    return archive(export.archive(actor, product_id))


async def _added(request: Request, actor: Actor, product_id: str) -> PictureInProduct:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        asset_id = (await ImageBody.read(request)).asset_id
    elif kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        form = await request.form(max_files=4, max_fields=16)
        given = form.get("asset_id")
        if (given is None) == (form.get("file") is None):
            message = "Send one of 'file' and 'asset_id'."
            raise Invalid(message, errors=(FieldError("file", message),))
        if given is None:
            file = uploaded_file(form)
            data = await file.read()
            return await take_in(request, pictures.upload_picture, actor, product_id, data, file.filename or "picture")
        asset_id = str(given)
    else:
        raise UnsupportedMedia("Send multipart/form-data with a 'file' or an 'asset_id', or JSON with an 'asset_id'.")
    return (await run_in_threadpool(pictures.add_pictures, actor, product_id, [asset_id]))[0]


def _images(view: ProductView, groups: tuple[PictureGroup, ...]) -> list[ProductImage]:
    main = view.main.id if view.main else None
    return [
        ProductImage(number=group.number, is_main=asset.id == main, asset=Asset.of(asset))
        for group in groups
        for asset in group.pictures
    ]


def _cents(price: PriceBody | None) -> int | None:
    return None if price is None else price.amount
