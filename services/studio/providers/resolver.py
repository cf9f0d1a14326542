"""Who does an operation for us: from an operation to its provider, model, words and price.

All of it is data that staff may change (`services.studio.prompts`), held against what the provider can do. The one
answer for "can it run", for quotes and for calls.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

import db
from services.studio import prompts
from services.studio.operations.contract import Operation
from services.studio.prompts import Prompt
from services.studio.providers import registry
from services.studio.providers.contract import Connection, Provider
from services.studio.providers.errors import ProviderNotConfigured


@dataclass(frozen=True)
class Route:
    """The provider of an operation, and what it is sent. It may be without its key."""

    operation: Operation[Any]
    provider: Provider[Any]
    prompt: Prompt

    def open(self) -> Connection:
        """The connection to it. Raises ProviderNotConfigured."""
        if not self.provider.is_configured:
            raise ProviderNotConfigured(self.operation.title, self.provider.setting)
        return self.provider.open()


def find(session: Session, operation: Operation[Any]) -> Route | None:
    """Who does the operation now; None if no provider that is here can."""
    if operation.ai is None:
        return None
    prompt = prompts.in_force(session, operation.id)
    provider = registry.find(prompt.provider)
    if provider is None or not provider.can_do(operation.id, prompt.model):
        return None
    return Route(operation, provider, prompt)


def resolve(session: Session, operation: Operation[Any]) -> Route:
    """The same. Raises ProviderNotConfigured where nobody can."""
    found = find(session, operation)
    if found is None:
        raise ProviderNotConfigured(operation.title, None)
    return found


def can_run(operation: Operation[Any], session: Session | None = None) -> bool:
    """Whether a provider can do the operation now: one is meant for it and able to, and its key is set."""
    found = _now(operation) if session is None else find(session, operation)
    return found is not None and found.provider.is_configured


def setting_of(operation: Operation[Any]) -> str | None:
    """The setting that switches on the provider of an operation; None where there is none."""
    found = _now(operation)
    return None if found is None else found.provider.setting


def providers_of(operation: str) -> tuple[Provider[Any], ...]:
    """Who could do an operation, with or without a key."""
    return tuple(one for one in registry.providers() if one.does(operation))


def published_prices(provider: str) -> Mapping[str, int]:
    """The published prices of a picture that we know, by model of a provider, in millionths of a US dollar."""
    found = registry.find(provider)
    return {} if found is None else found.prices


def _now(operation: Operation[Any]) -> Route | None:
    if operation.ai is None:
        return None
    with db.snapshot() as session:
        return find(session, operation)
