"""The few options of a picture card: widgets that start at the card's own values and keep what a person set."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.kit.counts import counted
from components.kit.kept import Kept
from components.kit.params_form import Pictures, params_form
from components.recipes.choices import (
    BACKGROUND,
    CUT_OUT,
    EDIT,
    FORMATS,
    FRAMES,
    LONGEST,
    RANGES,
    RATIOS,
    TURNS,
    UPSCALES,
    formats_of,
    operation_of,
    starting_options,
)

_SHADOWS = {"none": "None", "contact": "Soft shadow", "reflection": "Reflection"}


def price_words(credits: int) -> str:
    """`1 credit`, `3 credits`, `free`."""
    return "free" if credits == 0 else counted(credits, "credit")


def recipe_options(
    choice: str, prices: dict[str, int], start: dict[str, Any], *, key: str, kept: Kept, pictures: Pictures = ()
) -> dict[str, Any]:
    """Draw the options of one card, set to `start` at first; what they are set to now, which stays in `kept`. `prices`
    are credits by operation; `pictures` what an option that names a picture may choose from. Other options to start at
    need another `key`."""
    pick = _Widgets({**starting_options(choice), **start}, f"{key}.{choice}", kept)
    with st.expander("Options", icon=":material/tune:", expanded=choice in (BACKGROUND, EDIT)):
        if choice == EDIT:
            return _edit_options(pick)
        chosen: dict[str, Any] = {}
        operation = operation_of(choice)
        if operation is not None:
            schema, params = operation.params.model_json_schema(), start.get("params", {})
            chosen["params"] = params_form(schema, params, key=f"{pick.key}.params", kept=kept, pictures=pictures)
        if choice == BACKGROUND:
            chosen |= _background_options(pick)
        if operation is None and choice != CUT_OUT:
            chosen["shadow"] = pick.one_of("shadow", "Under the product", list(_SHADOWS), _SHADOWS)
        if operation is None:
            label = f"Improve light and colour first (+{price_words(prices['enhance'])})"
            chosen["enhance_first"] = st.checkbox(label, **pick.start("enhance_first"))
        chosen["format"] = pick.one_of("format", "File", formats_of(choice), FORMATS)
        return chosen


@dataclass(frozen=True)
class _Widgets:
    """The widgets of a card: what each starts at, what their keys begin with, and where their values are kept."""

    values: dict[str, Any]
    key: str
    kept: Kept

    def start(self, name: str) -> dict[str, Any]:
        """The value, key and callback of a widget, as Streamlit takes them."""
        key = f"{self.key}.{name}"
        return {"value": self.kept.start(key, self.values[name]), **self.kept.widget(key)}

    def one_of(self, name: str, label: str, options: list[str], words: dict[str, str] | None = None) -> str:
        """Buttons of which one is pressed."""
        about = self.start(name)
        value = about.pop("value")
        return str(
            st.segmented_control(
                label,
                options,
                default=value if value in options else options[0],
                format_func=words.__getitem__ if words else str,
                required=True,
                **about,
            )
        )


# These two are drawn by hand, where other operations draw themselves from their parameters: the background's exclude
# each other, which is not a shop owner's question, and cropping and adjusting are five operations as one choice.
def _background_options(pick: _Widgets) -> dict[str, Any]:
    chosen: dict[str, Any] = {"backdrop": pick.one_of("backdrop", "Background", ["Colour", "Gradient"])}
    with st.container(horizontal=True):
        two = chosen["backdrop"] == "Gradient"
        chosen["color"] = st.color_picker("Top" if two else "Colour", **pick.start("color"))
        if two:
            chosen["color_to"] = st.color_picker("Bottom", **pick.start("color_to"))
    chosen["frame"] = pick.one_of("frame", "Frame", list(FRAMES))
    if chosen["frame"] != "Keep":
        chosen["fill"] = st.slider("Product fills", *RANGES["fill"], step=5, format="%d %%", **pick.start("fill"))
    return chosen


def _edit_options(pick: _Widgets) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "ratio": pick.one_of("ratio", "Crop to", list(RATIOS)),
        "turn": pick.one_of("turn", "Turn", list(TURNS)),
        "tilt": st.slider("Straighten", *RANGES["tilt"], step=0.5, format="%.1f°", **pick.start("tilt")),
    }
    for name in ("brightness", "contrast", "saturation"):
        chosen[name] = st.slider(name.capitalize(), -100, 100, step=5, **pick.start(name))
    chosen["upscale"] = pick.one_of("upscale", "Enlarge", list(UPSCALES))
    chosen["longest"] = pick.one_of("longest", "Longest side", list(LONGEST))
    chosen["format"] = pick.one_of("format", "File", formats_of(EDIT), FORMATS)
    return chosen
