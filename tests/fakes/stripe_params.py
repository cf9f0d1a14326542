"""Requests checked against the SDK's own parameter types: the names and the types that Stripe's API document gives."""

import re
import sys
import types
import typing
from typing import Any, Literal, Union

import typing_extensions
from stripe._request_options import RequestOptions

_PART = re.compile(r"\[([^\]]*)\]")


class BadParameter(Exception):
    """A parameter that the API does not have, lacks, or would not take; `param` is its path."""

    def __init__(self, param: str, says: str) -> None:
        super().__init__(says)
        self.param = param


def decode(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`[("a[b][0][c]", "1")]` -> `{"a": {"b": [{"c": "1"}]}}`."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        path = [name.partition("[")[0], *_PART.findall(name)]
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    inner = {name: _lists(value) for name, value in node.items()}
    if inner and list(inner) == [str(number) for number in range(len(inner))]:
        return list(inner.values())
    return inner


def check(given: Any, kind: Any, path: str = "") -> Any:
    """`given` (strings, as they came over the wire) as what the type `kind` says. Raises `BadParameter`."""
    origin = typing.get_origin(kind)
    if typing_extensions.is_typeddict(kind):
        return _dict(given, kind, path)
    if origin in (typing_extensions.NotRequired, typing.NotRequired, typing.Required):
        return check(given, typing.get_args(kind)[0], path)
    if origin in (Union, types.UnionType):
        return _union(given, typing.get_args(kind), path)
    if origin is Literal or origin is typing_extensions.Literal:
        if given not in typing.get_args(kind):
            raise BadParameter(path, f"Invalid {path}: must be one of {', '.join(map(str, typing.get_args(kind)))}")
        return given
    if origin is list:
        if not isinstance(given, list):
            raise BadParameter(path, f"Invalid array: {path}")
        return [check(one, typing.get_args(kind)[0], f"{path}[{number}]") for number, one in enumerate(given)]
    if origin is dict:
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            raise BadParameter(path, f"Invalid hash: {path}")
        return given
    return _scalar(given, kind, path)


def _scalar(given: Any, kind: Any, path: str) -> Any:
    if not isinstance(given, str):
        raise BadParameter(path, f"Invalid {path}")
    if kind is int and re.fullmatch(r"-?\d+", given):
        return int(given)
    if kind is bool and given in ("true", "false"):
        return given == "true"
    if kind is float:
        return float(given)
    if kind is str:
        return given
    raise BadParameter(path, f"Invalid {kind}: {path}")


def _union(given: Any, kinds: tuple[Any, ...], path: str) -> Any:
    """A choice of words that is open to new ones (`Literal[…] | str`) counts as closed: we send none that is new."""
    words = [kind for kind in kinds if typing.get_origin(kind) in (Literal, typing_extensions.Literal)]
    wanted = words + [kind for kind in kinds if kind not in words and not (words and kind is str)]
    problem: BadParameter | None = None
    for kind in wanted:
        try:
            return check(given, kind, path)
        except BadParameter as error:
            problem = problem or error
    raise problem or BadParameter(path, f"Invalid {path}")


def _dict(given: Any, kind: Any, path: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadParameter(path, f"Invalid object: {path}")
    hints = _hints(kind)
    checked = {}
    for name, value in given.items():
        at = f"{path}[{name}]" if path else name
        if name not in hints:
            raise BadParameter(at, f"Received unknown parameter: {at}")
        checked[name] = check(value, hints[name], at)
    for name in kind.__required_keys__:
        if name not in given:
            at = f"{path}[{name}]" if path else name
            raise BadParameter(at, f"Missing required param: {at}.")
    return checked


def _hints(kind: Any) -> dict[str, Any]:
    known = {**vars(typing), **vars(sys.modules[kind.__module__]), "StripeContext": str, "UntypedStripeObject": dict}
    hints = typing_extensions.get_type_hints(kind, globalns=known, localns=known, include_extras=True)
    options = RequestOptions.__annotations__  # these travel as headers
    return {name: hint for name, hint in hints.items() if name not in options}
