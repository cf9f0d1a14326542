"""One picture of a run, large: before and after, what the marketplace says, and what to do with it now."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import streamlit as st

from components.create.close_look import close_look
from components.create.two_shots import two_shots_offer
from components.kit.downloads import Download, Format, downloads
from components.marketplaces.check import picture_of
from components.marketplaces.report import certainty, marketplace_report, stored_rules, went_uncharged
from services.library.assets import Content
from services.library.views import AssetView

Fetch = Callable[[str, Format], Content]
"""(asset id, format) -> the file."""


@dataclass(frozen=True)
class ResultIntent:
    """What the person wants of this result."""

    fix_step: dict[str, Any] | None = None
    open: bool = False
    touch_up: bool = False
    vary: bool = False
    two_shots: bool = False
    retry: bool = False


def result_panel(before: AssetView, after: AssetView, fetch: Fetch) -> ResultIntent:
    """A finished picture beside the photo it was made from."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        close_look(after, before, name=before.filename, key="result_look")
    with right:
        file = Download(after.filename, after.urls.download, after.content_type, after.bytes)
        downloads(file, lambda format: fetch(after.id, format).data, key="result")
        with st.container(horizontal=True, gap="small"):
            opened = st.button("Details", icon=":material/zoom_in:", key="result_open")
            vary = st.button("Make a variation", icon=":material/tune:", key="result_vary")
        certainty(after.details)
        touch_up = _touch_up(after)
        two_shots = two_shots_offer(after.details, key="result")
        fix = None
        if market := after.details.get("marketplace"):
            rules = stored_rules(market["rules"])
            fix = marketplace_report(market["preset"], rules, picture_of(after), key="result")
    return ResultIntent(
        fix_step=dict(fix) if fix else None, open=opened, vary=vary, two_shots=two_shots, touch_up=touch_up
    )


def _touch_up(after: AssetView) -> bool:
    """The way to the brush, where there is a cut-out to correct: the next thing to do with a doubtful one."""
    if not after.has_matte:
        return False
    kind: Literal["primary", "secondary"] = "primary" if went_uncharged(after.details) else "secondary"
    return st.button("Touch up", icon=":material/brush:", key="result_touch_up", type=kind)


def failed_panel(name: str, reason: str, *, can_retry: bool, credits: str) -> ResultIntent:
    """A picture that was not made: why, that it cost nothing, and what can be done."""
    advice = (
        "You can try it again as it is."
        if can_retry
        else "Trying again as it is will not help: use another photo, or choose something else to make."
    )
    st.html(
        f'<div class="vt-notice vt-notice-error" role="alert"><strong>{escape(name)} was not made</strong>'
        f"<p>{escape(reason)}</p><p>The credits are back in your account. {advice}</p></div>"
    )
    return _next("Try again" if can_retry else None, credits)


def cancelled_panel(name: str, *, credits: str) -> ResultIntent:
    """A picture that was called off."""
    st.html(
        f'<div class="vt-notice" role="status"><strong>{escape(name)} was cancelled</strong>'
        "<p>Not charged: the credits are back in your account.</p></div>"
    )
    return _next("Make it after all", credits)


def _next(again: str | None, credits: str) -> ResultIntent:
    """The way to make it once more, unless that is known not to help, and the way to change it."""
    retry = False
    with st.container(horizontal=True, gap="small"):
        if again:
            retry = st.button(f"{again} · {credits}", icon=":material/replay:", key="result_retry", type="primary")
        words = "Change something first" if again else "Change something"
        vary = st.button(words, icon=":material/tune:", key="result_vary", type="secondary" if again else "primary")
    return ResultIntent(retry=retry, vary=vary)
