"""Where a picture comes from, and how long each stage of making it took."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

_KINDS = {"original": "Your photo", "result": "Made here"}


def stages(durations: Sequence[Mapping[str, Any]]) -> None:
    """How long each stage took, in seconds, with bars."""
    longest = max((stage["seconds"] for stage in durations), default=0) or 1
    rows = "".join(
        f'<li><span>{escape(stage["name"].capitalize())}</span><span class="vt-stage-bar" aria-hidden="true">'
        f'<i style="width:{stage["seconds"] / longest:.0%}"></i></span><span>{stage["seconds"]:.2f} s</span></li>'
        for stage in durations
    )
    st.html(f'<ul class="vt-stages">{rows}</ul>')


def kind_words(kind: str) -> str:
    """`Your photo`, `Made here`."""
    return _KINDS.get(kind, kind.capitalize())
