"""Every provider there is: the files of this folder, and what extensions bring."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from services.studio import providers as folder
from services.studio.providers.contract import Provider

_NOT_PROVIDERS = ("contract", "errors", "registry", "resolver")
_registered: dict[str, Provider[Any]] = {}


def providers() -> tuple[Provider[Any], ...]:
    """All of them, by name."""
    return tuple(sorted(_known().values(), key=lambda one: one.name))


def find(name: str) -> Provider[Any] | None:
    """The one with that name, if there is one: a prompt's version may name one that is no longer here."""
    return _known().get(name)


def register(added: Provider[Any]) -> None:
    """Add one. Raises ValueError if its name is taken."""
    if _known().setdefault(added.name, added) is not added:
        raise ValueError(f"There are two providers with the name {added.name!r}.")


def reset(extensions: Iterable[str]) -> None:
    """Only the built-in ones and the `PROVIDER` of each of these modules that has one. Raises ImportError for a module
    that is not there, ValueError for settings that are wrong or unsafe."""
    _registered.clear()
    for name in extensions:
        added = getattr(import_module(name), "PROVIDER", None)
        if added is not None:
            register(added)
    for one in providers():
        _ = one.is_configured  # reads its settings


def _known() -> dict[str, Provider[Any]]:
    if not _registered:
        modules = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
        built_in = [import_module(f"{folder.__name__}.{name}") for name in modules if name not in _NOT_PROVIDERS]
        _registered.update({module.PROVIDER.name: module.PROVIDER for module in built_in})
    return _registered
