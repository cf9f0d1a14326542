"""`/files/<token>`: pictures for the browser by signed link. Private, cacheable, one row read each."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.browser import downloads
from api.browser.answers import explained
from api.edge.picture_responses import not_modified, picture, unchanged
from services.library.links import Content, resolve_link


def file(request: Request) -> Response:
    """The picture a link stands for. What lies under an id never changes, so a browser may keep it."""
    found = resolve_link(request.path_params["token"])
    if unchanged(request, found.etag):
        return not_modified(found.etag, max_age=found.max_age)
    content = Content(found.read(), found.content_type, found.filename, found.etag)
    return picture(content, max_age=found.max_age, download=found.download)


routes: list[BaseRoute] = [Route("/files/{token}", explained(file)), *downloads.routes]
