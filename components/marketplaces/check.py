"""Holding any picture against any marketplace's rules: those kept with it at once, others on request."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.marketplaces.report import RuleLine, marketplace_report, measured_rules, stored_rules
from services.accounts.actor import Actor
from services.library import assets
from services.library.views import AssetView
from services.studio import encoding
from services.studio.marketplaces import PRESETS, check


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
    rules = stored_rules(kept["rules"]) if chosen == kept.get("preset") else _measured(actor, asset, chosen)
    return marketplace_report(chosen, rules, key="picture")


def _measured(actor: Actor, asset: AssetView, preset: str) -> tuple[RuleLine, ...]:
    with st.spinner("Checking the picture…"):
        file = assets.content(actor, asset.id)
        return measured_rules(check(encoding.decode(file.data), file.content_type, len(file.data), preset))
