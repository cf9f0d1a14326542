"""How many requests a key, a person or an address may make a minute, and the headers that say so."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.edge.request_log import facts_of
from config import settings
from services.accounts.actor import Actor
from services.errors import RateLimited

WINDOW_SECONDS = 60
MAX_SUBJECTS = 50_000


@dataclass(frozen=True)
class Verdict:
    """Whether this request may pass, and what is left: `remaining` requests until `reset` seconds from now."""

    allowed: bool
    limit: int
    remaining: int
    reset: float


class Counter(Protocol):
    """Counts requests per subject in windows of `WINDOW_SECONDS`."""

    def take(self, subject: str, limit: int) -> Verdict:
        """Count one request of `subject`, unless it has had `limit` of them in this window."""
        ...

    def give_back(self, subject: str) -> None:
        """Uncount one request: it turned out to be somebody else's."""
        ...


class MemoryCounter:
    """Counts in this process. At most `max_subjects` are remembered; the ones unseen longest are forgotten first."""

    def __init__(self, max_subjects: int = MAX_SUBJECTS) -> None:
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()
        self._max = max_subjects
        self._lock = threading.Lock()

    def take(self, subject: str, limit: int) -> Verdict:
        moment = monotonic()
        with self._lock:
            started, used = self._windows.get(subject, (moment, 0))
            if moment - started >= WINDOW_SECONDS:
                started, used = moment, 0
            allowed = used < limit
            used += allowed
            self._windows[subject] = (started, used)
            self._windows.move_to_end(subject)
            while len(self._windows) > self._max:
                self._windows.popitem(last=False)
        return Verdict(allowed, limit, max(0, limit - used), max(0.0, started + WINDOW_SECONDS - moment))

    def give_back(self, subject: str) -> None:
        with self._lock:
            started, used = self._windows.get(subject, (0.0, 0))
            if used > 0:
                self._windows[subject] = (started, used - 1)


class RateLimits:
    """Who a request counts for. A credential this process has seen to be good counts for its key or person; anything
    else for its address, so that guessing keys soon ends in 429."""

    def __init__(self, counter: Counter | None = None) -> None:
        self._counter = counter or MemoryCounter()
        self._known: OrderedDict[str, tuple[str, int]] = OrderedDict()
        self._lock = threading.Lock()

    def admit(self, scope: Scope) -> None:
        """Count a request as it arrives, before any work. Raises `RateLimited`."""
        with self._lock:
            subject, limit = self._known.get(_credential(scope), (_address(scope), settings().rate_limit_per_minute))
        self._take(scope, subject, limit)

    def identify(self, scope: Scope, actor: Actor) -> None:
        """The request turned out to be this actor's: count it for them instead. Raises `RateLimited`."""
        subject = f"key:{actor.key_id}" if actor.key_id else f"user:{actor.id}"
        limit = actor.rate_limit_per_minute or settings().rate_limit_per_minute
        credential = _credential(scope)
        with self._lock:
            before = self._known.get(credential)
            self._known[credential] = (subject, limit)
            self._known.move_to_end(credential)
            while len(self._known) > MAX_SUBJECTS:
                self._known.popitem(last=False)
        if before is None:
            self._counter.give_back(_address(scope))
            self._take(scope, subject, limit)

    def _take(self, scope: Scope, subject: str, limit: int) -> None:
        verdict = self._counter.take(subject, limit)
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

    def __init__(self, app: ASGIApp, limits: RateLimits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.limits.admit(scope)
        scope["vitrine.limits"] = self.limits
        await self.app(scope, receive, send)
