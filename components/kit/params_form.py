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


@dataclass(frozen=True)
class Pictures:
    """Pictures to choose from, id and name, and the draft they are `of`: which one was chosen is kept for it only."""

    named: tuple[tuple[str, str], ...] = ()
    of: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(id for id, _ in self.named)


def params_form(
    schema: Mapping[str, Any], values: Mapping[str, Any], key: str, *, kept: Kept, pictures: Pictures = Pictures()
) -> dict[str, Any]:
    """Draw a widget for each parameter, set to `values` at first and else to its default; what they are set to now.

    `key` begins the names of the widgets; other `values` need another one. What they are set to stays in `kept`.
    Parameters without a value are left out.

    What a widget starts at is drawn with it, never written to the session: Streamlit sends a written value to the
    browser once, and drops it if that run is cut short by the next.
    """
    _Form(kept, pictures).draw(params_fields(schema), values, key)
    return params_now(schema, values, key, kept=kept, pictures=pictures)


def params_now(
    schema: Mapping[str, Any], values: Mapping[str, Any], key: str, *, kept: Kept, pictures: Pictures = Pictures()
) -> dict[str, Any]:
    """What the widgets of such a form are set to at this moment, whether they are drawn or not."""
    return _Form(kept, pictures).now(params_fields(schema), values, key)


@dataclass(frozen=True)
class _Form:
    """The widgets of a form."""

    kept: Kept
    pictures: Pictures

    def draw(self, fields: Sequence[ParamField], values: Mapping[str, Any], key: str) -> None:
        switches = [field for field in fields if field.kind == "switch"]
        for field in fields:
            if field.kind != "switch":
                self._draw_one(field, values.get(field.name, field.default), self._key(field, key))
        if switches:
            with st.container(horizontal=True):
                for field in switches:
                    on = bool(values.get(field.name, field.default))
                    self._checkbox(field, on, self._key(field, key))

    def now(self, fields: Sequence[ParamField], values: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = {
            field.name: self._now_one(field, values.get(field.name, field.default), self._key(field, key))
            for field in fields
        }
        return {name: value for name, value in found.items() if value is not None}

    def _key(self, field: ParamField, key: str) -> str:
        return f"{key}.{field.name}" + (f".{self.pictures.of}" if field.kind == "picture" else "")

    def _draw_one(self, field: ParamField, value: Any, key: str) -> None:
        if _has_switch(field) and not self._checkbox(field, value is not None, f"{key}.set"):
            return
        if field.kind == "group":
            self.draw(field.fields, value or {}, key)
        elif self._lacks_pictures(field, value):
            st.caption(f"{field.label}: add it to your photos.")
        else:
            self._widget(field, self.kept.start(key, self._shown(field, value)), key)

    def _now_one(self, field: ParamField, value: Any, key: str) -> Any:
        if field.kind == "switch":
            return bool(self.kept.now(key, bool(value)))
        if _has_switch(field) and not self.kept.now(f"{key}.set", value is not None):
            return None
        if field.kind == "group":
            return self.now(field.fields, value or {}, key)
        if self._lacks_pictures(field, value):
            return None
        found = self.kept.now(key, self._shown(field, value))
        return found / 100 if field.kind == "range" and field.percent else found

    def _lacks_pictures(self, field: ParamField, value: Any) -> bool:
        return field.kind == "picture" and not self._pictures(field, value)

    def _shown(self, field: ParamField, value: Any) -> Any:
        """What a widget starts at for this value of its parameter, in the widget's own unit."""
        match field.kind:
            case "range":
                start = field.low if value is None else value
                return round(start * 100) if start is not None and field.percent else start
            case "number":
                return _number_shown(field, value)
            case "choice":
                words = self._words(field, value)
                return value if value in words else next(iter(words))
            case "picture":
                words = self._words(field, value)
                return value if value in words else next(iter(words) if field.optional else reversed(words), None)
            case "color":
                return value or _BLACK
            case _:
                return value or ""

    def _words(self, field: ParamField, value: Any) -> dict[Any, str]:
        """The values to choose from with their words."""
        if field.kind == "picture":
            return self._pictures(field, value)
        choices = dict(field.choices)
        return {None: "None", **choices} if field.optional else choices

    def _pictures(self, field: ParamField, value: Any) -> dict[Any, str]:
        """The pictures to choose from: one that is needed is a second one, beside that which is worked on."""
        choices = dict(self.pictures.named)
        if value is not None:
            choices.setdefault(value, "The picture chosen before")
        if field.optional:
            return {None: "None", **choices}
        return choices if len(choices) > 1 else {}

    def _widget(self, field: ParamField, start: Any, key: str) -> None:
        about: dict[str, Any] = {"help": field.help or None, **self.kept.widget(key)}
        match field.kind:
            case "range":
                _slider(field, start, about)
            case "number":
                _number(field, start, about)
            case "choice" | "picture":
                _choice(field, start, self._words(field, start), about)
            case "color":
                st.color_picker(field.label, start, **about)
            case _:
                st.text_input(field.label, start, max_chars=field.longest, **about)

    def _checkbox(self, field: ParamField, on: bool, key: str) -> bool:
        return st.checkbox(field.label, self.kept.start(key, on), help=field.help or None, **self.kept.widget(key))


def _has_switch(field: ParamField) -> bool:
    """Whether a parameter that may be None needs a checkbox to say so, because its widget cannot."""
    return field.optional and field.kind in ("range", "color", "group")


def _counts(field: ParamField) -> bool:
    """Whether its slider goes in whole numbers."""
    return field.whole or (field.step is not None and field.step == round(field.step))


def _number_shown(field: ParamField, value: float | None) -> float | None:
    kind = int if field.whole else float
    if value is None and not field.optional:
        value = field.low or 0
    return None if value is None else kind(value)


def _number(field: ParamField, start: float | None, about: dict[str, Any]) -> None:
    kind = int if field.whole else float
    low, high, step = (None if one is None else kind(one) for one in (field.low, field.high, field.step))
    label = f"{field.label}, {field.unit}" if field.unit else field.label
    st.number_input(label, low, high, start, step=step, **about)


def _slider(field: ParamField, start: float, about: dict[str, Any]) -> None:
    assert field.low is not None and field.high is not None
    unit = "%%" if field.unit == "%" else field.unit
    if field.percent:
        low, high, step = (round(one * 100) for one in (field.low, field.high, field.step or 0.01))
        st.slider(field.label, low, high, round(start), step=step, format="%d %%", **about)
    elif _counts(field):
        low, high, start, step = (round(one) for one in (field.low, field.high, start, field.step or 1))
        st.slider(field.label, low, high, start, step=step, format=f"%d{unit}", **about)
    else:
        fine = field.step or (field.high - field.low) / 100
        st.slider(
            field.label, float(field.low), float(field.high), float(start), step=fine, format=f"%.1f{unit}", **about
        )


def _choice(field: ParamField, start: Any, words: Mapping[Any, str], about: dict[str, Any]) -> None:
    if field.kind == "picture" or len(words) > _BUTTONS:
        st.selectbox(field.label, list(words), list(words).index(start), format_func=words.__getitem__, **about)
    else:
        st.segmented_control(
            field.label, list(words), default=start, format_func=words.__getitem__, required=True, **about
        )
