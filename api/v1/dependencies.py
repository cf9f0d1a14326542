"""Who is asking, as route parameters: `Reader`, `Writer`, `Biller`, `Admin`. Never a cookie, only a bearer."""

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Security
from fastapi.security import HTTPBearer
from starlette.requests import HTTPConnection

from api.edge.rate_limits import RateLimits
from api.edge.request_log import facts_of
from services.accounts.actor import Actor
from services.accounts.errors import Unauthenticated
from services.accounts.permissions import Permission
from services.accounts.tokens import actor_for_bearer

bearer = HTTPBearer(
    auto_error=False, bearerFormat="vit_… or JWT", description="An API key, or an access token from /auth/login."
)
_ACTOR = "vitrine.actor"


def identify(connection: HTTPConnection) -> Actor:
    """The actor behind the bearer credential, checked once a request; blocks on the database.

    Raises `Unauthenticated`, `AccountSuspended` or `RateLimited`.
    """
    known = connection.scope.get(_ACTOR)
    if known is not None:
        return cast(Actor, known)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated
    actor = actor_for_bearer(token.strip())
    facts_of(connection.scope).user_id = actor.id
    limits = connection.scope.get("vitrine.limits")
    if isinstance(limits, RateLimits):
        limits.identify(connection.scope, actor)
    connection.scope[_ACTOR] = actor
    return actor


def _with_scope(scope: str) -> Callable[[HTTPConnection, object], Actor]:
    def actor(connection: HTTPConnection, _credential: Annotated[object, Security(bearer)]) -> Actor:
        found = identify(connection)
        found.require_scope(scope)
        return found

    return actor


def _admin(connection: HTTPConnection, _credential: Annotated[object, Security(bearer)]) -> Actor:
    found = identify(connection)
    found.require_scope("admin")
    found.require(Permission.USE_STAFF_API)
    return found


Reader = Annotated[Actor, Depends(_with_scope("read"))]
Writer = Annotated[Actor, Depends(_with_scope("write"))]
Biller = Annotated[Actor, Depends(_with_scope("billing"))]
Admin = Annotated[Actor, Depends(_admin)]


def address_of(connection: HTTPConnection) -> str:
    """The caller's network address."""
    return facts_of(connection.scope).address


Address = Annotated[str, Depends(address_of)]
