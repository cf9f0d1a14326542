"""The way from a cut-out that looks transparent to the card that makes it of two photos."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.create.draft import begin
from components.recipes.form import choose_two_shots
from components.shell import page_table
from services.library.views import AssetView


def two_shots_offer(details: Mapping[str, Any], *, key: str) -> bool:
    """Offer it under a result in doubt for that reason; whether the person takes it."""
    if not details.get("looks_transparent"):
        return False
    st.caption("Glass, mesh and lace come out exactly with a second photo of the same product, on black paper.")
    return st.button("Use two photos", icon=":material/filter_2:", key=f"{key}_two_shots")


def begin_two_shots(photo: AssetView, details: Mapping[str, Any]) -> None:
    """Start a draft on Create with that card and the photo chosen already, to be put where the result was put."""
    market = details.get("marketplace")
    begin(page_table.GENERATE, [photo])
    choose_two_shots(market["preset"] if market else None)
