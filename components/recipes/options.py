"""The few options of a picture card: widgets that start at the card's own values and keep what a person set."""

from typing import Any

import streamlit as st

from components.kit.params_form import Pictures, fill_params, params_form
from components.recipes.choices import (
    BACKGROUND,
    CUT_OUT,
    EDIT,
    FRAMES,
    LONGEST,
    RATIOS,
    TURNS,
    UPSCALES,
    operation_of,
    starting_options,
)

_SHADOWS = {"none": "None", "contact": "Soft shadow", "reflection": "Reflection"}
_FORMATS = {"auto": "Best choice", "jpeg": "JPEG", "png": "PNG", "webp": "WebP", "avif": "AVIF"}


def fill_options(choice: str, options: dict[str, Any]) -> None:
    """Set the options of a card before they are drawn: for a variation of a picture made earlier."""
    operation = operation_of(choice)
    if operation is not None:
        fill_params(operation.params.model_json_schema(), options.get("params", {}), key=_key(choice, "params"))
    for name, value in {**starting_options(choice), **options}.items():
        if name != "params":
            st.session_state[_key(choice, name)] = value


def price_words(credits: int) -> str:
    """`1 credit`, `3 credits`, `free`."""
    return "free" if credits == 0 else "1 credit" if credits == 1 else f"{credits} credits"


def _key(choice: str, name: str) -> str:
    return f"vt_generate.{choice}.{name}"


def recipe_options(choice: str, prices: dict[str, int], pictures: Pictures = ()) -> dict[str, Any]:
    """Draw the options of one card and return what they are set to. `prices` are credits by operation; `pictures` what
    an option that names a picture may choose from."""
    for name, value in starting_options(choice).items():
        st.session_state.setdefault(_key(choice, name), value)
    with st.expander("Options", icon=":material/tune:", expanded=choice in (BACKGROUND, EDIT)):
        if choice == EDIT:
            return _edit_options(choice)
        chosen: dict[str, Any] = {}
        operation = operation_of(choice)
        if operation is not None:
            key = _key(choice, "params")
            chosen["params"] = params_form(operation.params.model_json_schema(), {}, key=key, pictures=pictures)
        if choice == BACKGROUND:
            chosen |= _background_options(choice)
        if operation is None and choice != CUT_OUT:
            chosen["shadow"] = _pick("Under the product", choice, "shadow", list(_SHADOWS), _SHADOWS)
        if operation is None:
            label = f"Improve light and colour first (+{price_words(prices['enhance'])})"
            chosen["enhance_first"] = st.checkbox(label, key=_key(choice, "enhance_first"))
        formats = ["auto", "png", "webp", "avif"] if choice == CUT_OUT else list(_FORMATS)
        chosen["format"] = _pick("File", choice, "format", formats, _FORMATS)
        return chosen


def _background_options(choice: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {"backdrop": _pick("Background", choice, "backdrop", ["Colour", "Gradient"])}
    with st.container(horizontal=True):
        two = chosen["backdrop"] == "Gradient"
        chosen["color"] = st.color_picker("Top" if two else "Colour", key=_key(choice, "color"))
        if two:
            chosen["color_to"] = st.color_picker("Bottom", key=_key(choice, "color_to"))
    chosen["frame"] = _pick("Frame", choice, "frame", list(FRAMES))
    if chosen["frame"] != "Keep":
        chosen["fill"] = st.slider("Product fills", 40, 100, step=5, format="%d %%", key=_key(choice, "fill"))
    return chosen


def _edit_options(choice: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "ratio": _pick("Crop to", choice, "ratio", list(RATIOS)),
        "turn": _pick("Turn", choice, "turn", list(TURNS)),
        "tilt": st.slider("Straighten", -15.0, 15.0, step=0.5, format="%.1f°", key=_key(choice, "tilt")),
    }
    for name in ("brightness", "contrast", "saturation"):
        chosen[name] = st.slider(name.capitalize(), -100, 100, step=5, key=_key(choice, name))
    chosen["upscale"] = _pick("Enlarge", choice, "upscale", list(UPSCALES))
    chosen["longest"] = _pick("Longest side", choice, "longest", list(LONGEST))
    chosen["format"] = _pick("File", choice, "format", list(_FORMATS), _FORMATS)
    return chosen


def _pick(label: str, choice: str, name: str, options: list[str], words: dict[str, str] | None = None) -> str:
    def shown(value: str) -> str:
        return words[value] if words else value

    return str(st.segmented_control(label, options, format_func=shown, required=True, key=_key(choice, name)))
