"""The few options of a picture card: widgets that start at the card's own values and keep what a person set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.kit.counts import counted
from components.kit.kept import Kept
from components.kit.params_form import Pictures, params_form, params_now
from components.recipes.choices import (
    BACKGROUND,
    CUT_OUT,
    EDIT,
    FORMATS,
    FRAMES,
    LONGEST,
    RANGES,
    RATIOS,
    SHADOWS,
    TURNS,
    UPSCALES,
    formats_of,
    goes_onto,
    operation_of,
    shadows_of,
    sold_of,
    starting_options,
)
from services.studio.marketplaces import PRESETS, SOLD
from services.studio.operations.contract import Operation

_ONTO: dict[str, str] = {
    "Keep": "Nothing, it stays transparent",
    **{preset.id: preset.title for preset in PRESETS.values()},
}


def price_words(credits: int) -> str:
    """`1 credit`, `3 credits`, `free`."""
    return "free" if credits == 0 else counted(credits, "credit")


@dataclass(frozen=True)
class CardOptions:
    """The options of one card: what they start at, what the keys of their widgets begin with, where what they are set
    to is kept, and what an option that names a picture may choose from. Others to start at need another `key`."""

    choice: str
    start: dict[str, Any]
    key: str
    kept: Kept
    pictures: Pictures

    def draw(self, prices: dict[str, int]) -> None:
        """Draw their widgets. `prices` are credits by operation."""
        choice, pick = self.choice, _Widgets(self._values, self._prefix, self.kept)
        operation = operation_of(choice)
        if operation is not None:
            st.caption(operation.summary)
        needed = operation is not None and bool(operation.needed_pictures)
        with st.expander("Options", icon=":material/tune:", expanded=needed or choice in (BACKGROUND, EDIT)):
            if choice == EDIT:
                _edit_options(pick)
                return
            if operation is not None:
                params_form(*self._params(operation), kept=self.kept, pictures=self.pictures)
            if choice == BACKGROUND:
                _background_options(pick)
            if operation is None and choice != CUT_OUT:
                pick.one_of("shadow", "Under the product", shadows_of(choice), SHADOWS)
            if len(sold_of(choice)) > 1:
                pick.one_of("sold", "What is sold", sold_of(choice), SOLD)
            if goes_onto(choice) and pick.listed("onto", "Put it on", _ONTO) != "Keep":
                return  # the marketplace says which file
            if operation is None:
                label = f"Improve light and colour first (+{price_words(prices['enhance'])})"
                st.checkbox(label, **pick.start("enhance_first"))
            pick.one_of("format", "File", formats_of(choice), FORMATS)

    def now(self) -> dict[str, Any]:
        """What they are set to at this moment, whether they are drawn or not."""
        found = {name: self.kept.now(f"{self._prefix}.{name}", value) for name, value in self._values.items()}
        operation = operation_of(self.choice)
        if operation is not None:
            found["params"] = params_now(*self._params(operation), kept=self.kept, pictures=self.pictures)
        return found

    @property
    def lacks_photos(self) -> bool:
        """Whether a picture is missing that the card cannot do without."""
        operation = operation_of(self.choice)
        if operation is None or not operation.needed_pictures:
            return False
        params = params_now(*self._params(operation), kept=self.kept, pictures=self.pictures)
        return any(name not in params for name in operation.needed_pictures)

    @property
    def _values(self) -> dict[str, Any]:
        return {**starting_options(self.choice), **self.start}

    @property
    def _prefix(self) -> str:
        return f"{self.key}.{self.choice}"

    def _params(self, operation: Operation[Any]) -> tuple[dict[str, Any], dict[str, Any], str]:
        return operation.params.model_json_schema(), self.start.get("params", {}), f"{self._prefix}.params"


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

    def listed(self, name: str, label: str, words: dict[str, str]) -> str:
        """A list of which one is chosen."""
        about = self.start(name)
        at = list(words).index(about.pop("value"))
        return str(st.selectbox(label, list(words), at, format_func=words.__getitem__, **about))

    def one_of(self, name: str, label: str, options: list[str], words: Mapping[str, str] | None = None) -> str:
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
def _background_options(pick: _Widgets) -> None:
    two = pick.one_of("backdrop", "Background", ["Colour", "Gradient"]) == "Gradient"
    with st.container(horizontal=True):
        st.color_picker("Top" if two else "Colour", **pick.start("color"))
        if two:
            st.color_picker("Bottom", **pick.start("color_to"))
    if pick.one_of("frame", "Frame", list(FRAMES)) != "Keep":
        st.slider("Product fills", *RANGES["fill"], step=5, format="%d %%", **pick.start("fill"))


def _edit_options(pick: _Widgets) -> None:
    pick.one_of("ratio", "Crop to", list(RATIOS))
    pick.one_of("turn", "Turn", list(TURNS))
    st.slider("Straighten", *RANGES["tilt"], step=0.5, format="%.1f°", **pick.start("tilt"))
    for name in ("brightness", "contrast", "saturation"):
        st.slider(name.capitalize(), -100, 100, step=5, **pick.start(name))
    pick.one_of("upscale", "Enlarge", list(UPSCALES))
    pick.one_of("longest", "Longest side", list(LONGEST))
    pick.one_of("format", "File", formats_of(EDIT), FORMATS)
