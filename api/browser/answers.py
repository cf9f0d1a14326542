"""Routes a browser follows by link: an error is a sentence to read, not JSON."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from config import settings
from services.accounts.actor import Actor
from services.accounts.errors import Unauthenticated
from services.accounts.sessions import COOKIE, actor_for_session
from services.errors import ServiceError, Unavailable


def explained(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """`answer` run in a thread, with what it raises on purpose put into words."""

    async def endpoint(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, request)
        except ServiceError as error:
            return _sentence(error)
        except (OperationalError, InterfaceError):
            return _sentence(Unavailable())

    return endpoint


def signed_in(request: Request) -> Actor:
    """Who the session cookie stands for. Raises Unauthenticated."""
    token = request.cookies.get(COOKIE)
    actor = actor_for_session(token) if token else None
    if actor is None:
        raise Unauthenticated("Sign in to Vitrine first, then follow this link again.")
    return actor


def is_same_origin(request: Request) -> bool:
    """By what the browser says of itself; a program that says nothing has no cookies to steal."""
    if site := request.headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    return origin == settings().public_url or urlsplit(origin).netloc == request.headers.get("host")


def _sentence(error: ServiceError) -> Response:
    return PlainTextResponse(error.message, error.status, {"Cache-Control": "no-store"})
