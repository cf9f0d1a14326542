"""Downloads that the browser makes with its session cookie: a ZIP of chosen pictures or of a product's, before
and after as one file."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.browser.answers import explained, signed_in
from api.edge.picture_responses import archive, not_modified, picture, unchanged
from services.catalog import export
from services.errors import FieldError, Invalid
from services.library import assets
from services.library.downloads import FORMATS, Format, rendition


def download_archive(request: Request) -> Response:
    """`?ids=a,b` or `?ids=a&ids=b`: those pictures in one ZIP."""
    ids = [one for part in request.query_params.getlist("ids") for one in part.split(",") if one]
    return archive(assets.archive(signed_in(request), ids))


def download_product(request: Request) -> Response:
    """What was made from a product's photos in one ZIP."""
    return archive(export.archive(signed_in(request), request.path_params["product_id"]))


def download_comparison(request: Request) -> Response:
    """Before and after side by side, as a JPEG."""
    return picture(assets.before_after(signed_in(request), request.path_params["asset_id"]), download=True)


def download_picture(request: Request) -> Response:
    """`?format=jpeg|png|webp|avif&max_side=1600`: one picture, converted if asked."""
    wanted = rendition(
        signed_in(request),
        request.path_params["asset_id"],
        format=_format(request.query_params.get("format")),
        max_side=_pixels(request.query_params.get("max_side")),
    )
    if unchanged(request, wanted.etag):
        return not_modified(wanted.etag)
    return picture(wanted.content(), download=True)


def _format(text: str | None) -> Format | None:
    if not text:
        return None
    if text not in FORMATS:
        raise Invalid(f"Choose one of these formats: {', '.join(FORMATS)}.")
    return text


def _pixels(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        message = "Give the longest side as a number of pixels."
        raise Invalid(message, errors=(FieldError("max_side", message),))
    return int(text)


routes: list[BaseRoute] = [
    Route("/download/archive", explained(download_archive)),
    Route("/download/product/{product_id}", explained(download_product)),
    Route("/download/compare/{asset_id}", explained(download_comparison)),
    Route("/download/picture/{asset_id}", explained(download_picture)),
]
