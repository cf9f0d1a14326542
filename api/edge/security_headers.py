"""Security headers of every answer, and the addresses of Streamlit that are closed to the outside."""

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config import settings

# Streamlit's counters are public and its agent API describes the app's insides: neither is part of the product.
_CLOSED = ("/_stcore/metrics", "/_stcore/agent")


def content_security_policy(inline_scripts: tuple[str, ...]) -> str:
    """Everything from our own origin; scripts by file, blob (Streamlit's components) or hash, never by eval."""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' blob: {' '.join(inline_scripts)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Pure ASGI middleware, so that streams stream. A header the answer brought along stays."""

    def __init__(self, app: ASGIApp, inline_scripts: tuple[str, ...]) -> None:
        self.app = app
        self._headers = {
            "Content-Security-Policy": content_security_policy(inline_scripts),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        if settings().cookie_secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["path"].startswith(_CLOSED):
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send_with_headers)
            return
        await self.app(scope, receive, send_with_headers)
