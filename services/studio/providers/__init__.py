"""Generative providers. Nothing else in the project talks to one; which do what is data (`services.studio.prompts`).

To add another: a module beside `gemini.py` with a class that does `GenerativeProvider`, its settings in `config.py`,
and a line in `_OPENERS`. The app's process imports this package to see what can run, so an adapter loads its SDK on its
first call.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from config import settings
from services.studio.operations.contract import Operation
from services.studio.providers import gemini
from services.studio.providers.contract import GenerativeProvider
from services.studio.providers.gemini import GeminiProvider
from services.studio.providers.unconfigured import UnconfiguredProvider

__all__ = ["can_run", "provider", "published_price", "setting_of"]


def _gemini() -> GenerativeProvider:
    current = settings()
    if current.gemini_api_key is None:
        return UnconfiguredProvider("gemini", GeminiProvider.setting)
    return GeminiProvider.open(
        current.gemini_api_key.get_secret_value(), current.gemini_base_url, current.gemini_timeout_seconds
    )


_OPENERS = MappingProxyType({"gemini": _gemini})
_PRICES = MappingProxyType({"gemini": gemini.published_price})


def provider(name: str) -> GenerativeProvider:
    """The provider of that name as the settings have it now."""
    opener: Callable[[], GenerativeProvider] = _OPENERS[name]
    return opener()


def published_price(name: str, model: str) -> int | None:
    """The published price of a picture by a provider's model, in millionths of a US dollar; None if we know none."""
    return _PRICES[name](model)


def can_run(operation: Operation[Any]) -> bool:
    """Whether a provider can do the operation now: one is meant for it, and its key is set."""
    return operation.ai is not None and provider(operation.ai.provider).is_configured


def setting_of(operation: Operation[Any]) -> str | None:
    """The setting that switches on the provider of an operation; None where there is none."""
    return None if operation.ai is None else provider(operation.ai.provider).setting
