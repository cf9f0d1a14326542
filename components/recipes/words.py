"""A recipe in words: what it makes, and its steps."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from services.studio.marketplaces import PRESETS
from services.studio.operations import registry


def made_by(operations: Sequence[str], recipe: Mapping[str, Any] | None = None) -> str:
    """What made a picture, in a word or two: the marketplace if there was one, else the operations."""
    presets = [step["params"].get("preset") for step in (recipe or {}).get("steps", ())]
    named = [PRESETS[preset].title for preset in presets if preset in PRESETS]
    if named:
        return named[-1]
    return ", ".join(operation.title for operation in map(registry.find, operations) if operation is not None)


def cut_out_words(engine: str | None) -> str:
    """What cut a picture out, from its details; nothing where nothing was cut."""
    return (engine or "").removeprefix("rembg:").replace("built-in", "the built-in method")


def steps(recipe: Mapping[str, Any]) -> None:
    """The steps of a recipe in order with what was set; a step's defaults are not repeated."""
    lines = "".join(
        f"<li><strong>{escape(title)}</strong> {escape(words)}</li>" for title, words in map(_step, recipe["steps"])
    )
    st.html(f'<ol class="vt-recipe-steps">{lines}</ol>')


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
    if isinstance(value, list | tuple):
        return str(len(value))
    return PRESETS[value].title if value in PRESETS else str(value)
