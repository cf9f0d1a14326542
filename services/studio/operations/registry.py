"""Every operation there is: the files of this folder, and what extensions bring."""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from services.studio import operations as folder
from services.studio.operations.contract import Operation

_NOT_OPERATIONS = ("contract", "registry")
_SAID_BY_ALL = ("id", "title", "summary", "params", "credits", "stage")
_registered: dict[str, Operation[Any]] = {}


def operations() -> tuple[Operation[Any], ...]:
    """All of them, in the order of lists."""
    return tuple(sorted(_known().values(), key=lambda one: one.position))


def operation(id: str) -> Operation[Any]:
    """The one with that id. Raises KeyError."""
    return _known()[id]


def find(id: object) -> Operation[Any] | None:
    """The one with that id, if there is one: for recipes as people or older versions wrote them."""
    return _known().get(id) if isinstance(id, str) else None


def register(added: Operation[Any]) -> None:
    """Add one. Raises ValueError if its id is taken or it leaves out what every operation says."""
    missing = [name for name in _SAID_BY_ALL if not hasattr(added, name)]
    if missing:
        raise ValueError(f"{type(added).__name__} does not say its {', '.join(missing)}.")
    known = _known()
    if known.setdefault(added.id, added) is not added:
        raise ValueError(f"There are two operations with the id {added.id!r}.")


def reset(extensions: Iterable[str]) -> None:
    """Only the built-in ones and the `OPERATION` of each of these modules that has one. Raises ImportError for a module
    that is not there."""
    _registered.clear()
    for name in extensions:
        added = getattr(import_module(name), "OPERATION", None)
        if added is not None:
            register(added)


def _known() -> dict[str, Operation[Any]]:
    if not _registered:
        modules = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
        built_in = [import_module(f"{folder.__name__}.{name}") for name in modules if name not in _NOT_OPERATIONS]
        _registered.update({module.OPERATION.id: module.OPERATION for module in built_in})
    return _registered
