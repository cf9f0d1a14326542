"""How many requests a key, a person or an address may make a minute, and the headers that say so.

Counted in fixed windows: a request costs one counter, not a list of all that came before it, and `RateLimit` can name
the second at which the whole quota is back. A client may make up to twice its limit around the end of a window, which
does no harm: the limits keep floods out, and what costs money is counted in credits.
"""

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

import structlog
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.edge.request_log import facts_of
from config import settings
from services.accounts.actor import Actor
from services.errors import RateLimited

WINDOW_SECONDS = 60
MAX_CREDENTIALS = 50_000
_REDIS_TIMEOUT_SECONDS = 0.5
_log = structlog.get_logger("vitrine.http")


@dataclass(frozen=True)
class Verdict:
    """Whether this request may pass, and what is left: `remaining` requests until `reset` seconds from now."""

    allowed: bool
    limit: int
    remaining: int
    reset: float


class RequestCounter:
    """Requests per subject: in this process's memory, or in Redis at `redis_url` for all machines together. While
    Redis does not answer, each process counts for itself."""

    def __init__(self, redis_url: str = "") -> None:
        self._own: Storage = MemoryStorage()
        self._shared: Storage | None = None
        if redis_url:
            self._shared = RedisStorage(
                redis_url,
                wrap_exceptions=True,
                socket_timeout=_REDIS_TIMEOUT_SECONDS,
                socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
            )

    @property
    def is_shared(self) -> bool:
        """Whether counting asks another machine, so that it must not be done on the event loop."""
        return self._shared is not None

    def count(self, subject: str, limit: int, requests: int = 1) -> Verdict:
        """Count a request of `subject`; with `requests=-1` take one back that turned out to be somebody else's."""
        if self._shared is not None:
            try:
                return _hit(self._shared, subject, limit, requests)
            except StorageError as error:
                _log.warning("rate_limits_not_shared", reason=str(error))
        return _hit(self._own, subject, limit, requests)


def _hit(storage: Storage, subject: str, limit: int, requests: int) -> Verdict:
    """What `FixedWindowRateLimiter` does, which however asks for the count a second time."""
    used = storage.incr(subject, WINDOW_SECONDS, requests)
    reset = min(WINDOW_SECONDS, max(0.0, storage.get_expiry(subject) - time.time()))
    return Verdict(used <= limit, limit, max(0, limit - used), reset)


class RateLimits:
    """Who a request counts for. A credential this process has seen to be good counts for its key or person; anything
    else for its address, so that guessing keys soon ends in 429."""

    def __init__(self, counter: RequestCounter | None = None) -> None:
        self._counter = counter or RequestCounter()
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._lock = threading.Lock()

    async def admit(self, scope: Scope) -> None:
        """Count a request as it arrives, before any work. Raises `RateLimited`."""
        with self._lock:
            subject, limit = self._known.get(_credential(scope), (_address(scope), settings().rate_limit_per_minute))
        if self._counter.is_shared:
            await run_in_threadpool(self._count, scope, subject, limit)
        else:
            self._count(scope, subject, limit)

    def identify(self, scope: Scope, actor: Actor) -> None:
        """The request turned out to be this actor's: count it for them instead; blocks. Raises `RateLimited`."""
        subject = f"key:{actor.key_id}" if actor.key_id else f"user:{actor.id}"
        limit = actor.rate_limit_per_minute or settings().rate_limit_per_minute
        credential = _credential(scope)
        with self._lock:
            before = self._known.get(credential)
            self._known[credential] = (subject, limit)
            self._known.move_to_end(credential)
            while len(self._known) > MAX_CREDENTIALS:
                self._known.popitem(last=False)
        if before is None:
            self._counter.count(_address(scope), settings().rate_limit_per_minute, requests=-1)
            self._count(scope, subject, limit)

    def _count(self, scope: Scope, subject: str, limit: int) -> None:
        verdict = self._counter.count(subject, limit)
        facts_of(scope).headers |= {
            "RateLimit-Policy": f'"default";q={limit};w={WINDOW_SECONDS}',
            "RateLimit": f'"default";r={verdict.remaining};t={-int(-verdict.reset // 1)}',
        }
        if not verdict.allowed:
            raise RateLimited(
                f"More than {limit} requests in a minute. Wait until the time in Retry-After.",
                retry_after=verdict.reset,
            )


def _credential(scope: Scope) -> str:
    value = Headers(scope=scope).get("authorization", "")
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


def _address(scope: Scope) -> str:
    return f"address:{facts_of(scope).address}"


class RateLimit:
    """Pure ASGI middleware in front of the routes; `scope["vitrine.limits"]` lets them say who it was."""

    def __init__(self, app: ASGIApp, limits: RateLimits | None = None) -> None:
        self.app = app
        self.limits = limits or RateLimits(RequestCounter(settings().rate_limit_url))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.limits.admit(scope)
        scope["vitrine.limits"] = self.limits
        await self.app(scope, receive, send)
