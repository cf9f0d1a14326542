"""Pure ASGI middleware for the whole of Vitrine: limits on what comes in, security headers on what goes out."""

import base64
import hashlib
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config import settings

FORM_SLACK = 1024 * 1024  # what a multipart body may carry besides the picture
BLOCKED_PATHS = ("/_stcore/metrics",)  # Streamlit shows its meters to anyone who asks


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


class SecurityHeaders:
    """Headers that tell the browser what our pages never do; a route's own headers win. Blocks `BLOCKED_PATHS`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].rstrip("/") in BLOCKED_PATHS:
            await PlainTextResponse("Not found", 404)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers().items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


def security_headers() -> dict[str, str]:
    """What every answer carries. HSTS only where the public address is https."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # 'no-referrer' would make browsers send 'Origin: null' with our own forms
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Content-Security-Policy": content_security_policy(),
    }
    if settings().public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


@cache
def content_security_policy() -> str:
    """A policy under which Streamlit works without unsafe-eval: our scripts, and its page's inline ones by hash.

    v2 components are loaded as blob: modules; charts and emotion's styles need inline styles.
    """
    scripts = " ".join(["'self'", "blob:", *_inline_script_hashes()])
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob:",
            "connect-src 'self' ws: wss:",
            "worker-src 'self' blob:",
            "frame-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _inline_script_hashes() -> list[str]:
    """SHA-256 of each inline script of Streamlit's index.html, as installed."""
    spec = find_spec("streamlit")
    if spec is None or spec.origin is None:
        return []
    page = Path(spec.origin).parent / "static" / "index.html"
    if not page.is_file():
        return []
    scripts = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page.read_text("utf-8"), re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts]
