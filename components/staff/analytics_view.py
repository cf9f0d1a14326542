"""The pieces of the staff's analytics: the choice of a range, figures, charts and tables of what a report holds."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from html import escape

import pandas as pd
import streamlit as st

from components.kit.table import Column, table
from components.staff import analytics_charts as charts
from components.staff.analytics_words import change, day, days, in_words, label
from services.insights import ranges
from services.insights.figures import NOBODY_PAID, Group, Unit, share
from services.insights.ranges import DayRange
from services.insights.report import Figure, Report

_PRESETS = {"Today": 1, "7 days": 7, "30 days": 30, "90 days": 90}
_OWN = "Other days"


def choose_range() -> DayRange:
    """The controls above the figures. Raises `Invalid` for days that make no range."""
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    with left:
        period = st.segmented_control(
            "Period", [*_PRESETS, _OWN], default="30 days", key="vt_analytics_period", required=True
        )
    if period != _OWN:
        return ranges.last(_PRESETS.get(str(period), 30))
    today = ranges.today()
    with right:
        chosen = st.date_input(
            "From and to, UTC days",
            value=(today - timedelta(days=13), today),
            max_value=today,
            key="vt_analytics_days",
        )
    picked = list(chosen) if isinstance(chosen, tuple) else [chosen]
    first = picked[0] if picked else today
    return ranges.between(first, picked[-1] if picked else today)


def heading_of(chosen: DayRange) -> None:
    """Which days are shown and which they are held against."""
    running = " Today is still running." if chosen.includes_today else ""
    st.html(
        f'<p class="vt-muted" role="status"><strong>{days(chosen)}</strong>, held against {days(chosen.before)}. '
        f"Days are UTC.{running}</p>"
    )


def groups(report: Report) -> None:
    """Everything the reader may know, group by group."""
    for group, charted in ((Group.ACTIVITY, _activity), (Group.CREDITS, _credits), (Group.MONEY, _money)):
        figures = [figure for figure in report.figures if figure.shown.group == group]
        if len(figures) > 1:
            st.html(f"<h2>{group}</h2>")
            if group == Group.MONEY and report.is_test:
                _nobody_paid()
            _tiles(figures)
            charted(report)


def export(make: Callable[[], str], chosen: DayRange) -> None:
    """All that is shown, as a file for a spreadsheet; made only when asked for."""
    st.download_button(
        "Export as CSV",
        data=lambda: make().encode("utf-8-sig"),
        file_name=f"vitrine-analytics-{chosen.since}-{chosen.until}.csv",
        mime="text/csv",
        key="vt_analytics_csv",
        on_click="ignore",
    )


def explanations(report: Report) -> None:
    """What each figure counts."""
    with st.expander("What each figure counts"):
        rows = [(figure.shown.title, figure.shown.note) for figure in report.figures]
        table("What each figure counts", [Column("Figure"), Column("What it counts")], rows)


def _nobody_paid() -> None:
    st.html(
        f'<div class="vt-notice" role="note"><strong>{NOBODY_PAID}</strong><p>This installation has no payment '
        "gateway. Once it has one, these payments are left out.</p></div>"
    )


def _tiles(figures: list[Figure]) -> None:
    cells = "".join(
        f'<div class="vt-tile" data-figure="{figure.shown.name}"><dt>{escape(figure.shown.title)}</dt>'
        f"<dd>{in_words(figure.shown.unit, figure.value)}</dd>"
        f'<dd class="note">{change(figure.shown.unit, figure.value, figure.before)}</dd></div>'
        for figure in figures
    )
    st.html(f'<dl class="vt-tiles vt-figures">{cells}</dl>')


def _activity(report: Report) -> None:
    jobs = report.by_day("jobs").reindex(columns=list(charts.OUTCOMES), fill_value=0)
    people = {name: report.by_day_total(name) for name in ("sign_ups", "active_shops")}
    operations = _operations(report)
    left, right = st.columns(2, gap="large")
    with left:
        charts.bars_by_day("vt_chart_jobs", "Jobs a day", {name: jobs[name] for name in jobs}, stacked=True)
    with right:
        charts.lines_by_day("vt_chart_people", "Sign-ups and active shops a day", people)
    if operations:
        left, right = st.columns(2, gap="large")
        with left:
            series = {outcome: [counts[outcome] for counts in operations.values()] for outcome in charts.OUTCOMES}
            charts.bars_by_name("vt_chart_operations", "Jobs by operation", list(operations), series)
        with right:
            _operations_table(operations)
    _by_day_table("People and jobs, day by day", Unit.COUNT, {**people, **{name: jobs[name] for name in jobs}})


def _operations(report: Report) -> dict[str, Counter[str]]:
    """How many jobs of the range have which operation and outcome, the most frequent operation first."""
    found: dict[str, Counter[str]] = {}
    for part in report.parts("operations"):
        operation, outcome = part.split
        if part.value:
            found.setdefault(operation, Counter())[outcome] = part.value
    return dict(sorted(found.items(), key=lambda item: -item[1].total()))


def _operations_table(operations: dict[str, Counter[str]]) -> None:
    st.html('<h3 class="vt-chart-title">Operations and what became of them</h3>')
    columns = [
        Column("Operation"),
        *(Column(label(name), numeric=True) for name in charts.OUTCOMES),
        Column("Success", True),
    ]
    rows = [
        (
            label(operation),
            *(f"{counts[outcome]:,}" for outcome in charts.OUTCOMES),
            in_words(Unit.SHARE, share(counts["succeeded"], counts["failed"])),
        )
        for operation, counts in operations.items()
    ]
    table("Operations and what became of them", columns, rows)


def _credits(report: Report) -> None:
    flows = {f"credits_{name}": report.by_day_total(f"credits_{name}") for name in ("granted", "spent", "lapsed")}
    outstanding = report.by_day_total("credits_outstanding")
    left, right = st.columns(2, gap="large")
    with left:
        charts.bars_by_day("vt_chart_credits", "Credits a day", flows, stacked=False)
    with right:
        charts.lines_by_day(
            "vt_chart_outstanding", "Credits outstanding at the end of each day", {"outstanding": outstanding}
        )
    _parts_table(report, "credits_granted", "Credits granted by source", "Source", Unit.CREDITS)
    _by_day_table("Credits, day by day", Unit.CREDITS, {**flows, "outstanding": outstanding})


def _money(report: Report) -> None:
    revenue = report.by_day_total("paid") - report.by_day_total("taken_back")
    cost = report.by_day_total("provider_cost")
    margin = revenue * 10_000 - cost
    left, right = st.columns(2, gap="large")
    with left:
        charts.bars_by_day("vt_chart_revenue", "Revenue a day", {"revenue": revenue / 100}, stacked=False, unit="$")
    with right:
        charts.lines_by_day(
            "vt_chart_margin",
            "Provider cost and margin a day",
            {"provider_cost": cost / 1_000_000, "margin": margin / 1_000_000},
            unit="$",
        )
    left, right = st.columns(2, gap="large")
    with left:
        _offers_table(report)
    with right:
        _costs_table(report)
    _by_day_table(
        "Money, day by day",
        Unit.MICROS,
        {"revenue": revenue * 10_000, "provider_cost": cost, "margin": margin},
    )


def _offers_table(report: Report) -> None:
    sold, paid, back = (_values(report, name) for name in ("payments", "paid", "taken_back"))
    st.html('<h3 class="vt-chart-title">What was sold</h3>')
    table(
        "What was sold",
        [Column("Offer"), Column("Payments", True), Column("Paid", True), Column("Refunded or disputed", True)],
        [
            (label(offer[0]), f"{count:,}", in_words(Unit.CENTS, paid[offer]), in_words(Unit.CENTS, back[offer]))
            for offer, count in sold.most_common()
            if count
        ],
    )


def _costs_table(report: Report) -> None:
    calls, good, cost = Counter[tuple[str, ...]](), Counter[tuple[str, ...]](), _values(report, "provider_cost")
    for (*by_model, status), count in _values(report, "provider_calls").items():
        calls[tuple(by_model)] += count
        good[tuple(by_model)] += count if status == "succeeded" else 0
    st.html('<h3 class="vt-chart-title">Calls to providers</h3>')
    table(
        "Calls to providers",
        [Column("Operation"), Column("Model"), Column("Calls", True), Column("Succeeded", True), Column("Cost", True)],
        [
            (label(key[0]), key[1], f"{count:,}", f"{good[key]:,}", in_words(Unit.MICROS, cost[key]))
            for key, count in calls.most_common()
            if count
        ],
    )


def _values(report: Report, metric: str) -> Counter[tuple[str, ...]]:
    return Counter({part.split: part.value for part in report.parts(metric)})


def _parts_table(report: Report, metric: str, title: str, heading: str, unit: Unit) -> None:
    rows = sorted(report.parts(metric), key=lambda part: -part.value)
    st.html(f'<h3 class="vt-chart-title">{title}</h3>')
    table(
        title,
        [Column(heading), Column("In the period", True), Column("Before", True)],
        [(label(part.split[0]), in_words(unit, part.value), in_words(unit, part.before)) for part in rows],
    )


def _by_day_table(title: str, unit: Unit, series: dict[str, "pd.Series[int]"]) -> None:
    with st.expander(title):
        moments: list[date] = list(next(iter(series.values())).index)
        columns = [values.tolist() for values in series.values()]
        table(
            title,
            [Column("Day"), *(Column(label(name), numeric=True) for name in series)],
            [
                (day(moment), *(in_words(unit, int(column[at])) for column in columns))
                for at, moment in reversed(list(enumerate(moments)))
            ],
        )
