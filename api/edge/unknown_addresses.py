"""A mistyped or outdated address gets a page of ours. Streamlit answers any path with its own page, which loads nothing
below the first level and elsewhere shows the start screen under a notice in the words of a developer's tool."""

from collections.abc import Collection

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class UnknownAddresses:
    """Pure ASGI middleware: a page for an address that is none of `addresses` becomes a way to `/not-found`.

    Only what a person opens counts (`Accept: text/html`), and only if the answer would be a page that Streamlit gives
    to whatever nobody else took, so no route needs to be listed here.
    """

    def __init__(self, app: ASGIApp, addresses: Collection[str], own_pages: tuple[str, ...] = ("/api/",)) -> None:
        self.app = app
        self._known = frozenset(addresses)
        self._own_pages = own_pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._may_be_lost(scope):
            await self.app(scope, receive, send)
            return
        lost = False

        async def send_or_show_the_way(message: Message) -> None:
            nonlocal lost
            if message["type"] == "http.response.start":
                kind = dict(message["headers"]).get(b"content-type", b"")
                lost = message["status"] == 200 and kind.startswith(b"text/html")
                if lost:
                    await RedirectResponse("/not-found", 307)(scope, receive, send)
            if not lost:
                await send(message)

        await self.app(scope, receive, send_or_show_the_way)

    def _may_be_lost(self, scope: Scope) -> bool:
        path = scope["path"].rstrip("/") or "/"
        accepts = dict(scope["headers"]).get(b"accept", b"")
        return b"text/html" in accepts and path not in self._known and not path.startswith(self._own_pages)
