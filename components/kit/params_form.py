"""A form drawn from the JSON Schema of some parameters: plain data in, values out."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components.kit.params_fields import ParamField, params_fields

_BUTTONS = 4
"""Up to so many values are buttons side by side; more are a list."""
_BLACK = "#000000"

Pictures = Sequence[tuple[str, str]]
"""Pictures to choose from: id and name."""


def params_form(
    schema: Mapping[str, Any], values: Mapping[str, Any], *, key: str, pictures: Pictures = ()
) -> dict[str, Any]:
    """Draw a widget for each parameter, set to `values` at first and else to its default; what they are set to now.

    `key` begins the names of the widgets. Parameters without a value are left out.
    """
    return _drawn(params_fields(schema), values, key, pictures)


def fill_params(schema: Mapping[str, Any], values: Mapping[str, Any], *, key: str) -> None:
    """Set the widgets of a form before it is drawn."""
    _fill(params_fields(schema), values, key)


def _drawn(fields: Sequence[ParamField], values: Mapping[str, Any], key: str, pictures: Pictures) -> dict[str, Any]:
    found: dict[str, Any] = {}
    switches = [field for field in fields if field.kind == "switch"]
    for field in fields:
        if field.kind != "switch":
            value = _value(field, values.get(field.name, field.default), f"{key}.{field.name}", pictures)
            if value is not None:
                found[field.name] = value
    if switches:
        with st.container(horizontal=True):
            for field in switches:
                name = f"{key}.{field.name}"
                st.session_state.setdefault(name, bool(values.get(field.name, field.default)))
                found[field.name] = st.checkbox(field.label, help=field.help or None, key=name)
    return found


def _fill(fields: Sequence[ParamField], values: Mapping[str, Any], key: str) -> None:
    for field in fields:
        name, value = f"{key}.{field.name}", values.get(field.name, field.default)
        if _has_switch(field):
            st.session_state[f"{name}.set"] = value is not None
        if field.kind == "group":
            _fill(field.fields, value or {}, name)
        elif value is not None:
            st.session_state[name] = _shown(field, value)
        else:
            st.session_state.pop(name, None)


def _value(field: ParamField, value: Any, key: str, pictures: Pictures) -> Any:
    if _has_switch(field):
        st.session_state.setdefault(f"{key}.set", value is not None)
        if not st.checkbox(field.label, help=field.help or None, key=f"{key}.set"):
            return None
    if field.kind == "group":
        return _drawn(field.fields, value or {}, key, pictures)
    if key not in st.session_state and (shown := _shown(field, value)) is not None:
        st.session_state[key] = shown
    return _widget(field, key, pictures)


def _has_switch(field: ParamField) -> bool:
    """Whether a parameter that may be None needs a checkbox to say so, because its widget cannot."""
    return field.optional and field.kind in ("range", "color", "group")


def _shown(field: ParamField, value: Any) -> Any:
    """The value as its widget has it."""
    match field.kind:
        case "range":
            value = field.low if value is None else value
            if field.percent:
                return round(value * 100)
            return round(value) if _counts(field) else float(value)
        case "number":
            return value if value is None or field.whole else float(value)
        case "color":
            return value or _BLACK
        case "text":
            return value or ""
        case "choice":
            return value if value is not None or field.optional else field.choices[0][0]
    return value


def _widget(field: ParamField, key: str, pictures: Pictures) -> Any:
    about: dict[str, Any] = {"help": field.help or None, "key": key}
    match field.kind:
        case "range":
            return _slider(field, about)
        case "number":
            kind = int if field.whole else float
            low, high = (None if one is None else kind(one) for one in (field.low, field.high))
            label = f"{field.label}, {field.unit}" if field.unit else field.label
            if key not in st.session_state:
                about["value"] = None if field.optional else "min"
            return st.number_input(label, low, high, step=None if field.step is None else kind(field.step), **about)
        case "choice":
            return _choice(field, field.choices, about)
        case "picture":
            return _choice(field, tuple(pictures), about, always_list=True)
        case "color":
            return st.color_picker(field.label, **about)
        case _:
            return st.text_input(field.label, max_chars=field.longest, **about)


def _slider(field: ParamField, about: dict[str, Any]) -> float:
    assert field.low is not None and field.high is not None
    if field.percent:
        step = round((field.step or 0.01) * 100)
        low, high = round(field.low * 100), round(field.high * 100)
        return st.slider(field.label, low, high, step=step, format="%d %%", **about) / 100
    unit = "%%" if field.unit == "%" else field.unit
    if _counts(field):
        step = round(field.step or 1)
        return st.slider(field.label, int(field.low), int(field.high), step=step, format=f"%d{unit}", **about)
    step = field.step or (field.high - field.low) / 100
    return st.slider(field.label, float(field.low), float(field.high), step=step, format=f"%.1f{unit}", **about)


def _counts(field: ParamField) -> bool:
    """Whether its slider goes in whole numbers."""
    return field.whole or (field.step is not None and field.step == round(field.step))


def _choice(
    field: ParamField, choices: Sequence[tuple[Any, str]], about: dict[str, Any], *, always_list: bool = False
) -> Any:
    words = {None: "None", **dict(choices)} if field.optional or not choices else dict(choices)
    if st.session_state.get(about["key"], None) not in words:
        st.session_state.pop(about["key"], None)
    if always_list or len(words) > _BUTTONS:
        return st.selectbox(field.label, list(words), format_func=lambda value: words[value], **about)
    if about["key"] not in st.session_state:
        st.session_state[about["key"]] = next(iter(words))
    return st.segmented_control(
        field.label, list(words), format_func=lambda value: words[value], required=True, **about
    )
