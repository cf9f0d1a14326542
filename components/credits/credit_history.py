"""The pieces of the credits screen: balance and lots, the filtered history, its export."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

import streamlit as st

from components.kit.empty_state import empty_state
from components.kit.money import clock_time, signed
from components.kit.session import session_of
from components.kit.table import Column, table
from components.shell.page_table import BUY, PAYMENTS
from db.clock import now
from services.credits.balances import Balance
from services.credits.history import TransactionPage, TransactionView

_SOURCES = {
    "welcome": "Welcome credits",
    "daily": "Free today",
    "purchase": "Bought",
    "bonus": "Bonus",
    "admin": "From our team",
}
_KINDS = {
    "Everything": None,
    "Received": "grant",
    "Set aside": "hold",
    "Charged": "capture",
    "Given back": "release",
    "Refunded": "refund",
    "Lapsed": "lapse",
    "Adjusted": "adjust",
}
_KIND_TITLES = {kind: title for title, kind in _KINDS.items() if kind}
_PERIODS = {"Any time": None, "Today": 0, "Last 7 days": 7, "Last 30 days": 30}
_STEP = 20


@dataclass
class CreditsSession:
    """How many movements are shown."""

    shown: int = _STEP


@dataclass(frozen=True)
class HistoryFilter:
    """Which movements to show, and how many."""

    kind: str | None
    since: datetime | None
    limit: int


def balance_and_lots(balance: Balance) -> None:
    """The balance, and where it comes from in the order it is spent."""
    held = f"{balance.held} set aside for pictures being made" if balance.held else "Nothing is set aside"
    lots = "".join(
        f"<li><span><strong>{lot.remaining:,}</strong> {escape(_source(lot.source))}</span>"
        f'<span class="vt-muted">{escape(_lapse(lot.lapses_at))}</span></li>'
        for lot in balance.lots
    )
    st.html(
        f'<div class="vt-two"><section class="vt-card" aria-label="Balance"><p class="vt-label">You can spend</p>'
        f'<p class="vt-figure">{balance.available:,}</p><p class="vt-muted">{held}</p></section>'
        f'<section class="vt-card" aria-label="Where they come from"><p class="vt-label">Spent in this order</p>'
        f'<ul class="vt-lots">{lots or "<li>No credits right now.</li>"}</ul></section></div>'
        '<div class="vt-notice" role="note"><strong>Need more?</strong><p>3 free credits arrive every day at midnight '
        f'UTC. <a class="vt-link" data-go="{BUY.path}" href="/{BUY.path}">Buy credits</a>: packs from $4.99. '
        f'They never lapse. <a class="vt-link" data-go="{PAYMENTS.path}" href="/{PAYMENTS.path}">Your payments</a>'
        "</p></div>"
    )


def filters() -> HistoryFilter:
    """The controls above the history."""
    st.html("<h2>History</h2>")
    left, right = st.columns(2)
    kind = left.selectbox("Show", list(_KINDS), key="vt_credits_kind")
    period = right.selectbox("Period", list(_PERIODS), key="vt_credits_period")
    days = _PERIODS[period]
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    since = None if days is None else midnight - timedelta(days=days)
    return HistoryFilter(_KINDS[kind], since, min(100, session_of(CreditsSession).shown))


def history(page: TransactionPage) -> None:
    """The movements as a table, with a button for more."""
    if not page.data:
        empty_state("Nothing here", "No movement matches. Choose a longer period or show everything.", icon="search")
        return
    table(
        "History of your credits",
        [
            Column("When"),
            Column("What"),
            Column("Why"),
            Column("Change", numeric=True),
            Column("Balance", numeric=True),
        ],
        [_row(each) for each in page.data],
    )
    session = session_of(CreditsSession)
    if page.has_more and session.shown < 100 and st.button("Show more", key="vt_credits_more"):
        session.shown += 40
        st.rerun()


def export(make: Callable[[], str]) -> None:
    """All that matches, as a file for a spreadsheet; made only when asked for."""
    st.download_button(
        "Export as CSV",
        data=lambda: make().encode("utf-8-sig"),
        file_name=f"vitrine-credits-{now():%Y-%m-%d}.csv",
        mime="text/csv",
        key="vt_credits_csv",
        on_click="ignore",
    )


def _row(view: TransactionView) -> tuple[str, str, str, str, str]:
    reason = view.reason or ("A picture" if view.job_id else "")
    change = signed(view.change) if view.change else f"{view.amount} charged" if view.kind == "capture" else "0"
    return (
        clock_time(view.created_at),
        _KIND_TITLES.get(view.kind, view.kind),
        reason,
        change,
        f"{view.available_after:,}",
    )


def _source(name: str) -> str:
    return _SOURCES.get(name, name.capitalize())


def _lapse(moment: datetime | None) -> str:
    return f"until {clock_time(moment)}" if moment else "never lapse"
