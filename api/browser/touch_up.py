"""What the touch-up editor asks while strokes are drawn: the photo to draw on, and the cut-out's alpha after strokes.

By session cookie. Strokes come by POST, for they are long, with the session's CSRF token: nothing is changed, but
pixels cost time that no other site should spend.
"""

import json
from collections.abc import Callable

from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.browser.answers import is_same_origin, signed_in
from api.edge.rate_limits import RequestCounter
from services.accounts import sessions
from services.accounts.sessions import COOKIE
from services.errors import Forbidden, Invalid, RateLimited, ServiceError, Unavailable
from services.jobs import touch_up

MAX_BODY_BYTES = 256 * 1024
STROKES_PER_MINUTE = 240
_strokes = RequestCounter()
_PRIVATE = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


async def photo(request: Request) -> Response:
    """GET /editor/touch-up/{asset_id}/photo: the photo before it was cut, as a JPEG of screen size."""

    def answer() -> Response:
        data = touch_up.photo(signed_in(request), request.path_params["asset_id"])
        kept = {**_PRIVATE, "Cache-Control": "private, max-age=3600"}
        return Response(data, media_type="image/jpeg", headers=kept)

    return await _explained(answer)


async def alpha(request: Request) -> Response:
    """POST /editor/touch-up/{asset_id}/alpha `{"strokes": […]}`: the alpha after these strokes, as a grey PNG."""
    try:
        body = await request.body()
    except ClientDisconnect:
        return Response(status_code=499)

    def answer() -> Response:
        actor = signed_in(request)
        _require_own_page(request)
        if not _strokes.count(f"strokes:{actor.id}", STROKES_PER_MINUTE).allowed:
            raise RateLimited("That were very many strokes in a minute. Wait a moment.", retry_after=10)
        data = touch_up.preview(actor, request.path_params["asset_id"], _strokes_in(body))
        return Response(data, media_type="image/png", headers=_PRIVATE)

    return await _explained(answer)


async def _explained(answer: Callable[[], Response]) -> Response:
    try:
        return await run_in_threadpool(answer)
    except ServiceError as error:
        told = error
    except (OperationalError, InterfaceError):
        told = Unavailable()
    wait = {"Retry-After": str(max(1, round(told.retry_after)))} if told.retry_after else {}
    return JSONResponse({"code": told.code, "message": told.message}, told.status, {**_PRIVATE, **wait})


def _strokes_in(body: bytes) -> object:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Invalid("The strokes are not valid JSON.") from error
    if not isinstance(data, dict) or not isinstance(data.get("strokes"), list):
        raise Invalid("Send `strokes`, a list.")
    return data["strokes"]


def _require_own_page(request: Request) -> None:
    token = request.cookies.get(COOKIE, "")
    if not sessions.csrf_matches(token, request.headers.get("x-csrf-token", "")) or not is_same_origin(request):
        raise Forbidden("The page was open for too long. Reload it; your strokes are kept.")


routes: list[BaseRoute] = [
    Route("/editor/touch-up/{asset_id}/photo", photo, methods=["GET"]),
    Route("/editor/touch-up/{asset_id}/alpha", alpha, methods=["POST"], max_body_size=MAX_BODY_BYTES),
]
