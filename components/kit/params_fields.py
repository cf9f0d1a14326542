"""The fields of a form, read from the JSON Schema of some parameters. No Streamlit here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["range", "number", "choice", "switch", "color", "picture", "text", "group"]


@dataclass(frozen=True)
class ParamField:
    """One parameter as a person sees it.

    `optional` ones may be None. `low`, `high` and `step` are in the parameter's own unit; `whole` numbers are integers;
    `percent` ones are shown times a hundred. `choices` are values with their words. A group has `fields` of its own.
    """

    name: str
    kind: Kind
    label: str
    help: str = ""
    default: Any = None
    optional: bool = False
    low: float | None = None
    high: float | None = None
    step: float | None = None
    whole: bool = False
    percent: bool = False
    unit: str = ""
    choices: tuple[tuple[Any, str], ...] = ()
    longest: int | None = None
    fields: tuple["ParamField", ...] = ()


def params_fields(schema: Mapping[str, Any]) -> tuple[ParamField, ...]:
    """The fields of an object's schema in its order, without those that are hidden or that no widget can set."""
    return _fields(schema, schema.get("$defs", {}))


def _fields(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> tuple[ParamField, ...]:
    found = (_field(name, declared, definitions) for name, declared in schema.get("properties", {}).items())
    return tuple(field for field in found if field is not None)


def _field(name: str, declared: Mapping[str, Any], definitions: Mapping[str, Any]) -> ParamField | None:
    kinds = [kind for kind in declared.get("anyOf", (declared,)) if kind.get("type") != "null"]
    hints = declared.get("x-form", {})
    if hints.get("hidden") or len(kinds) != 1:
        return None
    kind = kinds[0]
    if "$ref" in kind:
        kind = definitions[kind["$ref"].rsplit("/", 1)[1]]
    low, high = kind.get("minimum", kind.get("exclusiveMinimum")), kind.get("maximum", kind.get("exclusiveMaximum"))
    found = _kind(kind, low, high)
    if found is None:
        return None
    words = hints.get("words", {})
    return ParamField(
        name=name,
        kind=found,
        label=_label(name, declared.get("title", "")),
        help=declared.get("description", ""),
        default=declared.get("default"),
        optional="anyOf" in declared,
        low=low,
        high=high,
        step=hints.get("step"),
        whole=kind.get("type") == "integer",
        percent=hints.get("percent", False),
        unit=hints.get("unit", ""),
        choices=tuple((value, words.get(value, _spaced(value))) for value in kind.get("enum", ())),
        longest=kind.get("maxLength"),
        fields=_fields(kind, definitions) if found == "group" else (),
    )


def _kind(kind: Mapping[str, Any], low: float | None, high: float | None) -> Kind | None:
    if "enum" in kind:
        return "choice"
    match kind.get("type"), kind.get("format"):
        case "boolean", _:
            return "switch"
        case (("number" | "integer"), _):
            return "range" if low is not None and high is not None and high - low <= 1000 else "number"
        case "string", "color":
            return "color"
        case "string", "asset-id":
            return "picture"
        case "string", _:
            return "text"
        case "object", _:
            return "group"
    return None


def _label(name: str, title: str) -> str:
    """The title that somebody wrote, else the name: pydantic makes titles such as `White Balance` of names."""
    made = name.replace("_", " ").title()
    return title if title and title != made else _spaced(name)


def _spaced(name: object) -> str:
    return str(name).replace("_", " ").capitalize()
