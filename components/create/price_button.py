"""The one button that spends credits: it says how many pictures and what they cost, before it is pressed."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from components.kit.counts import counted
from components.recipes.options import price_words
from components.shell import page_table


def price_label(count: int, credits: int) -> str:
    """`Make 5 pictures · 5 credits`."""
    return f"Make {counted(count, 'picture')} · {price_words(credits)}"


def price_button(
    count: int, credits: int, available: int, *, lacking: str = "", on_click: Callable[..., Any], args: Any
) -> None:
    """Draw the button for `count` pictures at `credits` in all. `lacking` says why there is nothing to make, if so.

    With too few credits `available` it cannot be pressed, and a line says how many are missing and where to get them.
    """
    short = credits > available
    if not count:
        lacking = lacking or "Add a photo and the price shows here before you decide."
    st.button(
        "Make pictures" if lacking else price_label(count, credits),
        type="primary",
        width="stretch",
        key="vt_make",
        disabled=bool(lacking) or short,
        on_click=on_click,
        args=args,
    )
    if lacking:
        st.caption(lacking)
    elif short:
        advice = f"Buy more, remove {_too_many(count, credits, available)}, or wait for tomorrow's 3 free credits."
        st.html(
            '<div class="vt-notice" role="status"><strong>Not enough credits</strong>'
            f"<p>This takes {credits}, you have {available}. {advice}</p></div>"
        )
        st.page_link(page_table.BUY.script, label="Buy credits", icon=":material/add_card:")
    else:
        st.caption("Charged only for pictures that turn out well.")


def _too_many(count: int, credits: int, available: int) -> str:
    each = credits // count
    over = count - available // each
    return "some photos" if over >= count else counted(over, "photo")
