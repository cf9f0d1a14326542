"""Pure ASGI middleware of the API: limits on what comes in."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config import settings

FORM_SLACK = 1024 * 1024  # what a multipart body may carry besides the picture


class BodyLimit:
    """Stop reading a request body at the settings' upload limit plus `FORM_SLACK`: 413, whatever its headers said."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = settings().max_upload_bytes + FORM_SLACK
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            raise HTTPException(413)
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, counted, send)


class OddAddresses:
    """Outermost on the port: an address under `prefix` that the app's server would answer in its own way, or with a
    screen, goes to the API as one that does not exist, so that a program gets problem+json whatever it asks for."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and (
            path == self._prefix or (path.startswith(f"{self._prefix}/") and _is_odd(path))
        ):
            scope = {**scope, "path": f"{self._prefix}/-", "raw_path": f"{self._prefix}/-".encode()}
        await self.app(scope, receive, send)


def _is_odd(path: str) -> bool:
    return ".." in path or "\\" in path or not path.isprintable()


class RefuseNul:
    """No address has a NUL character in it, and no database takes one: 404 in a path, 400 in a query."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if "\0" in scope.get("path", ""):
            raise HTTPException(404)
        if b"%00" in scope.get("query_string", b"") or b"\0" in scope.get("query_string", b""):
            raise HTTPException(400)
        await self.app(scope, receive, send)


class AnswerHead:
    """Innermost: HEAD runs what GET would, and sends its status and headers alone. A stream ends at its first piece."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_alone(message: Message) -> None:
            if message["type"] == "http.response.body" and message.get("more_body"):
                raise _HeadersSent
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        scope["method"] = "GET"  # in place: what the router notes of the route is for the log line as well
        try:
            await self.app(scope, receive, headers_alone)
        except (_HeadersSent, ClientDisconnect):
            await send({"type": "http.response.body", "body": b""})
        finally:
            scope["method"] = "HEAD"


class _HeadersSent(OSError):
    """What a response takes for a client that has gone."""
