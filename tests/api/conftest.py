"""The API as a client meets it: over HTTP, mounted where app.py mounts it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from api.browser import session
from api.edge.middleware import OddAddresses
from api.edge.rate_limits import RateLimits
from api.edge.request_log import RequestLog
from api.v1.app import PREFIX, create_api
from config import Settings
from services.accounts import api_keys, registration
from services.accounts.actor import Actor

PASSWORD = "correct horse battery"
DOCUMENT: dict[str, Any] = create_api().openapi()


@dataclass(frozen=True)
class Person:
    """An account with an API key of all the scopes it may have."""

    actor: Actor
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


def application(limits: RateLimits | None = None) -> Starlette:
    """The API and the browser's form routes on one port, without the screens."""
    return Starlette(
        routes=[Mount(PREFIX, create_api(limits)), *session.routes],
        middleware=[Middleware(OddAddresses, prefix=PREFIX), Middleware(RequestLog)],
    )


def client_of(app: Starlette) -> TestClient:
    """A client on the same host as the app, which follows no redirect."""
    return TestClient(app, base_url="http://localhost:8501", follow_redirects=False, raise_server_exceptions=True)


@pytest.fixture
def client(vitrine: Settings) -> Iterator[TestClient]:
    """A client of a fresh installation, on each database in turn."""
    with client_of(application()) as opened:
        yield opened


@pytest.fixture
def client_sqlite(vitrine_sqlite: Settings) -> Iterator[TestClient]:
    """The same on SQLite only, for what no database can change."""
    with client_of(application()) as opened:
        yield opened


def make_person(email: str, role: str = "user", credits: int = 0) -> Person:
    """A person with a key. Needs one of the fixtures that set the process up."""
    actor = registration.create_user(email, PASSWORD, role, "free", credits)
    scopes = ["read", "write", "billing"] + (["admin"] if role != "user" else [])
    return Person(actor, api_keys.create_api_key(actor, "test", scopes).secret)


@pytest.fixture
def person() -> Callable[..., Person]:
    """`person("anna@example.com")`; ask for it beside `client`."""
    return make_person
