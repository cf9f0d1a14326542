"""Holding any picture against any marketplace's rules: those kept with it at once, others on request."""

from collections.abc import Mapping
from typing import Any, cast

import streamlit as st

from components.marketplaces.marked_picture import Picture
from components.marketplaces.report import RuleLine, marketplace_report, measured_rules, stored_rules
from services.accounts.actor import Actor
from services.library import assets
from services.library.views import AssetView
from services.studio import encoding
from services.studio.marketplaces import PRESETS, SOLD, Sold, check


def picture_check(actor: Actor, asset: AssetView) -> Mapping[str, Any] | None:
    """Choose a marketplace and see every rule; returns the step that mends a failed one when it is asked for."""
    kept = asset.details.get("marketplace") or {}
    names = list(PRESETS)
    chosen = st.selectbox(
        "Check against",
        names,
        index=names.index(kept["preset"]) if kept.get("preset") in names else None,
        format_func=lambda id: PRESETS[id].title,
        placeholder="Choose a marketplace",
        key=f"check_{asset.id}",
    )
    if not chosen:
        return None
    sold: Sold = _sold(asset, str(kept.get("sold", "one"))) if PRESETS[chosen].asks_for_one else "one"
    is_kept = (chosen, sold) == (kept.get("preset"), kept.get("sold"))
    rules = stored_rules(kept["rules"]) if is_kept else _measured(actor, asset, chosen, sold)
    return marketplace_report(chosen, rules, picture_of(asset), key="picture")


def picture_of(asset: AssetView) -> Picture:
    """The picture to mark places on."""
    return Picture(asset.urls.preview, asset.width, asset.height)


def _sold(asset: AssetView, start: str) -> Sold:
    picked = st.segmented_control(
        "What is sold",
        list(SOLD),
        default=start,
        format_func=SOLD.__getitem__,
        required=True,
        key=f"check_sold_{asset.id}",
    )
    return cast(Sold, picked)


def _measured(actor: Actor, asset: AssetView, preset: str, sold: Sold) -> tuple[RuleLine, ...]:
    with st.spinner("Checking the picture…"):
        file = assets.content(actor, asset.id)
        pixels = encoding.decode(file.data)
        return measured_rules(check(pixels, file.content_type, len(file.data), preset, sold=sold))
