"""What is known of a picture: facts in a list, the steps that made it, how long each stage took."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

import streamlit as st

from services.studio.marketplaces import PRESETS
from services.studio.operations import registry

_KINDS = {"original": "Your photo", "result": "Made here"}


def size_words(n_bytes: int) -> str:
    """`412 KB`, `3.1 MB`."""
    return f"{n_bytes / 1024 / 1024:.1f} MB" if n_bytes >= 1024 * 1024 else f"{max(1, round(n_bytes / 1024))} KB"


def format_words(content_type: str) -> str:
    """`JPEG` for image/jpeg."""
    return {"webp": "WebP"}.get(name := content_type.removeprefix("image/"), name.upper())


def made_by(operations: Sequence[str], recipe: Mapping[str, Any] | None = None) -> str:
    """What made a picture, in a word or two: the marketplace if there was one, else the operations."""
    presets = [step["params"].get("preset") for step in (recipe or {}).get("steps", ())]
    named = [PRESETS[preset].title for preset in presets if preset in PRESETS]
    if named:
        return named[-1]
    return ", ".join(operation.title for operation in map(registry.find, operations) if operation is not None)


def facts(rows: Sequence[tuple[str, str]]) -> None:
    """A list of names and values."""
    lines = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    st.html(f'<dl class="vt-facts">{lines}</dl>')


def steps(recipe: Mapping[str, Any]) -> None:
    """The steps of a recipe in order with what was set; a step's defaults are not repeated."""
    lines = "".join(
        f"<li><strong>{escape(title)}</strong> {escape(words)}</li>" for title, words in map(_step, recipe["steps"])
    )
    st.html(f'<ol class="vt-recipe-steps">{lines}</ol>')


def stages(durations: Sequence[Mapping[str, Any]]) -> None:
    """How long each stage took, in seconds, with bars."""
    longest = max((stage["seconds"] for stage in durations), default=0) or 1
    rows = "".join(
        f'<li><span>{escape(stage["name"].capitalize())}</span><span class="vt-stage-bar" aria-hidden="true">'
        f'<i style="width:{stage["seconds"] / longest:.0%}"></i></span><span>{stage["seconds"]:.2f} s</span></li>'
        for stage in durations
    )
    st.html(f'<ul class="vt-stages">{rows}</ul>')


def day_words(moment: datetime) -> str:
    """`21 November 2026, 06:30 UTC`."""
    return f"{moment.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def kind_words(kind: str) -> str:
    """`Your photo`, `Made here`."""
    return _KINDS.get(kind, kind.capitalize())


def _step(step: Mapping[str, Any]) -> tuple[str, str]:
    operation = registry.find(step["op"])
    if operation is None:
        return step["op"], ""
    defaults = {name: field.default for name, field in operation.params.model_fields.items()}
    changed = {
        name: value for name, value in step["params"].items() if value is not None and value != defaults.get(name)
    }
    return operation.title, ", ".join(f"{name.replace('_', ' ')} {_value(value)}" for name, value in changed.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " × ".join(str(each) for each in value.values())
    return PRESETS[value].title if value in PRESETS else str(value)  # type: ignore[index]
