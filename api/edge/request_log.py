"""What is known of one HTTP request, and the line the log gets of it when it ends."""

import re
import secrets
import time
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, cast

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge import metrics
from config import settings

_SCOPE_KEY = "vitrine.request"
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_log = structlog.get_logger("vitrine.http")


@dataclass
class RequestFacts:
    """Filled in as a request is handled. `headers` go out with the answer, whoever writes it."""

    request_id: str
    address: str
    user_id: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    credits_charged: int = 0


def facts_of(scope: Scope) -> RequestFacts:
    """The facts of the request behind this scope; made on first use."""
    known = scope.get(_SCOPE_KEY)
    if known is None:
        known = RequestFacts(_request_id(scope), client_address(scope))
        scope[_SCOPE_KEY] = known
    return cast(RequestFacts, known)


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else f"req_{secrets.token_hex(12)}"


def client_address(scope: Scope) -> str:
    """The caller's address. `X-Forwarded-For` counts only as far as the proxies that the settings name wrote it."""
    peer = _plain(scope["client"][0]) if scope.get("client") else ""
    trusted = [ip_network(part.strip(), strict=False) for part in settings().trusted_proxies.split(",") if part.strip()]
    if not trusted:
        return peer
    chain = [part.strip() for line in Headers(scope=scope).getlist("x-forwarded-for") for part in line.split(",")]
    while chain and _is_in(peer, trusted):
        peer = _plain(chain.pop())
    return peer


def _plain(address: str) -> str:
    """The IPv4 address that a socket for both kinds writes as `::ffff:192.0.2.1`; any other as it is."""
    try:
        mapped = getattr(ip_address(address), "ipv4_mapped", None)
    except ValueError:
        return address
    return str(mapped) if mapped else address


def _is_in(address: str, networks: list[Any]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:
        return False


class RequestLog:
    """Pure ASGI middleware: an id for every request, the facts' headers, one log line. Nesting it is harmless."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _SCOPE_KEY in scope:
            await self.app(scope, receive, send)
            return
        facts = facts_of(scope)
        started = time.perf_counter()
        status = 500

        async def send_with_facts(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = facts.request_id
                for name, value in facts.headers.items():
                    headers[name] = value
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=facts.request_id):
            try:
                await self.app(scope, receive, send_with_facts)
            finally:
                seconds = time.perf_counter() - started
                metrics.observe(scope["method"], path_template(scope), status, seconds)
                _log.info(
                    "request",
                    method=scope["method"],
                    path=path_template(scope),
                    status=status,
                    ms=round(seconds * 1000, 1),
                    user_id=facts.user_id,
                )


def path_template(scope: Scope) -> str:
    """`/api/v1/jobs/{job_id}`: no ids, no signed tokens. What no route knows is not repeated: it may hold anything."""
    route, root = scope.get("route"), scope.get("root_path", "")
    if route is None or isinstance(route, Mount):
        return f"{root}/(no route)"
    return f"{root}{getattr(route, 'path', '')}"
