"""A form drawn from the JSON Schema of some parameters: plain data in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.kit.kept import Kept
from components.kit.params_fields import ParamField, params_fields

_BUTTONS = 4
"""Up to so many values are buttons side by side; more are a list."""
_BLACK = "#000000"

Pictures = Sequence[tuple[str, str]]
"""Pictures to choose from: id and name."""


def params_form(
    schema: Mapping[str, Any], values: Mapping[str, Any], *, key: str, kept: Kept, pictures: Pictures = ()
) -> dict[str, Any]:
    """Draw a widget for each parameter, set to `values` at first and else to its default; what they are set to now.

    `key` begins the names of the widgets; other `values` need another one. What they are set to stays in `kept`.
    Parameters without a value are left out.

    What a widget starts at is drawn with it, never written to the session: Streamlit sends a written value to the
    browser once, and drops it if that run is cut short by the next.
    """
    return _Form(kept, pictures).drawn(params_fields(schema), values, key)


@dataclass(frozen=True)
class _Form:
    """The widgets of a form."""

    kept: Kept
    pictures: Pictures

    def drawn(self, fields: Sequence[ParamField], values: Mapping[str, Any], key: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        switches = [field for field in fields if field.kind == "switch"]
        for field in fields:
            if field.kind != "switch":
                value = self._value(field, values.get(field.name, field.default), f"{key}.{field.name}")
                if value is not None:
                    found[field.name] = value
        if switches:
            with st.container(horizontal=True):
                for field in switches:
                    on = bool(values.get(field.name, field.default))
                    found[field.name] = self._checkbox(field, on, f"{key}.{field.name}")
        return found

    def _value(self, field: ParamField, value: Any, key: str) -> Any:
        if _has_switch(field) and not self._checkbox(field, value is not None, f"{key}.set"):
            return None
        if field.kind == "group":
            return self.drawn(field.fields, value or {}, key)
        return self._widget(field, value, key)

    def _widget(self, field: ParamField, value: Any, key: str) -> Any:
        about: dict[str, Any] = {"help": field.help or None, **self.kept.widget(key)}
        value = self._start(field, value, key)
        match field.kind:
            case "range":
                return _slider(field, value, about)
            case "number":
                return _number(field, value, about)
            case "choice":
                return _choice(field, value, field.choices, about)
            case "picture":
                named = dict(self.pictures)
                before = () if value is None or value in named else ((value, "The picture chosen before"),)
                return _choice(field, value, (*self.pictures, *before), about, always_list=True)
            case "color":
                return st.color_picker(field.label, value or _BLACK, **about)
            case _:
                return st.text_input(field.label, value or "", max_chars=field.longest, **about)

    def _start(self, field: ParamField, value: Any, key: str) -> Any:
        found = self.kept.start(key, value)
        return found / 100 if field.percent and key in self.kept.values else found

    def _checkbox(self, field: ParamField, on: bool, key: str) -> bool:
        return st.checkbox(field.label, self.kept.start(key, on), help=field.help or None, **self.kept.widget(key))


def _has_switch(field: ParamField) -> bool:
    """Whether a parameter that may be None needs a checkbox to say so, because its widget cannot."""
    return field.optional and field.kind in ("range", "color", "group")


def _number(field: ParamField, value: float | None, about: dict[str, Any]) -> float | None:
    kind = int if field.whole else float
    low, high, step, start = (None if one is None else kind(one) for one in (field.low, field.high, field.step, value))
    label = f"{field.label}, {field.unit}" if field.unit else field.label
    if start is None and not field.optional:
        start = low or kind(0)
    found: float | None = st.number_input(label, low, high, start, step=step, **about)
    return found


def _slider(field: ParamField, value: float | None, about: dict[str, Any]) -> float:
    assert field.low is not None and field.high is not None
    start = field.low if value is None else value
    if field.percent:
        low, high, start, step = (round(one * 100) for one in (field.low, field.high, start, field.step or 0.01))
        return st.slider(field.label, low, high, start, step=step, format="%d %%", **about) / 100
    unit = "%%" if field.unit == "%" else field.unit
    if _counts(field):
        low, high, start, step = (round(one) for one in (field.low, field.high, start, field.step or 1))
        return st.slider(field.label, low, high, start, step=step, format=f"%d{unit}", **about)
    fine = field.step or (field.high - field.low) / 100
    return st.slider(
        field.label, float(field.low), float(field.high), float(start), step=fine, format=f"%.1f{unit}", **about
    )


def _counts(field: ParamField) -> bool:
    """Whether its slider goes in whole numbers."""
    return field.whole or (field.step is not None and field.step == round(field.step))


def _choice(
    field: ParamField,
    value: Any,
    choices: Sequence[tuple[Any, str]],
    about: dict[str, Any],
    *,
    always_list: bool = False,
) -> Any:
    words = {None: "None", **dict(choices)} if field.optional or not choices else dict(choices)
    start = value if value in words else next(iter(words))
    if always_list or len(words) > _BUTTONS:
        return st.selectbox(field.label, list(words), list(words).index(start), format_func=words.__getitem__, **about)
    return st.segmented_control(
        field.label, list(words), default=start, format_func=words.__getitem__, required=True, **about
    )
