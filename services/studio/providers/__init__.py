"""Generative providers. Nothing else in the project talks to one; which do what is data (`services.studio.prompts`).

To add another: a module beside `gemini.py` with a class that does `GenerativeProvider`, its settings in `config.py`,
and a line in `_OPENERS`. The app's process imports this package to see what can run, so an adapter loads its SDK on its
first call.
"""

from collections.abc import Callable, Iterable
from types import MappingProxyType

from config import settings
from services.studio.operations import CATALOGUE
from services.studio.providers import gemini
from services.studio.providers.contract import GenerativeProvider, ProviderNotConfigured
from services.studio.providers.gemini import GeminiProvider
from services.studio.providers.unconfigured import UnconfiguredProvider

__all__ = ["can_run", "provider", "published_price", "require_configured", "setting_of"]


def _gemini() -> GenerativeProvider:
    current = settings()
    if current.gemini_api_key is None:
        return UnconfiguredProvider("gemini", GeminiProvider.setting)
    return GeminiProvider.open(
        current.gemini_api_key.get_secret_value(), current.gemini_base_url, current.gemini_timeout_seconds
    )


_OPENERS = MappingProxyType({"gemini": _gemini})
_PRICES = MappingProxyType({"gemini": gemini.published_price})
_BY_OPERATION = MappingProxyType({"restyle": "gemini"})


def provider(name: str) -> GenerativeProvider:
    """The provider of that name as the settings have it now."""
    opener: Callable[[], GenerativeProvider] = _OPENERS[name]
    return opener()


def published_price(name: str, model: str) -> int | None:
    """The published price of a picture by a provider's model, in millionths of a US dollar; None if we know none."""
    return _PRICES[name](model)


def can_run(operation: str) -> bool:
    """Whether an operation can run now: on this machine always, by a provider if its key is set."""
    return not CATALOGUE[operation].needs_key or provider(_BY_OPERATION[operation]).is_configured


def setting_of(operation: str) -> str | None:
    """The setting that switches a provider's operation on; None for one that needs none."""
    return provider(_BY_OPERATION[operation]).setting if CATALOGUE[operation].needs_key else None


def require_configured(operations: Iterable[str]) -> None:
    """Raise ProviderNotConfigured, naming the setting, if one of `operations` has no provider that could do it."""
    for operation in operations:
        if not can_run(operation):
            raise ProviderNotConfigured(CATALOGUE[operation].title, setting_of(operation) or "")
