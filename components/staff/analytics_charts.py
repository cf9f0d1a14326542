"""The charts of the staff's analytics, drawn by plotly. Loads pandas: imported by that screen alone.

Figures are given as plain data; Streamlit's theme gives them the fonts and grounds of the light or dark page. The table
of days below the charts says the same in numbers.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from components.staff.analytics_words import day, label

# Mid tones that stand out from either ground; outcomes keep theirs wherever they appear.
COLOURS = {
    "succeeded": "#3f9d6d",
    "failed": "#d65c5c",
    "cancelled": "#c48a2c",
    "unfinished": "#8a919c",
}
_SERIES = ("#6b78f0", "#3f9d6d", "#c48a2c", "#b06bd6", "#d65c5c", "#4a9fc4")
_HEIGHT = 280
_CONFIG = {"displayModeBar": False, "scrollZoom": False}
OUTCOMES = ("succeeded", "failed", "cancelled", "unfinished")


def bars_by_day(key: str, title: str, series: Mapping[str, "pd.Series[Any]"], *, stacked: bool, unit: str = "") -> None:
    """A bar for each day and series, over or beside each other."""
    traces = [
        {
            "type": "bar",
            "x": [moment.isoformat() for moment in values.index],
            "y": values.tolist(),
            "name": label(name),
            "marker": {"color": _colour(name, position)},
        }
        for position, (name, values) in enumerate(series.items())
    ]
    _chart(key, title, traces, {"barmode": "stack" if stacked else "group", **_by_day(unit)}, _said(series, unit))


def lines_by_day(key: str, title: str, series: Mapping[str, "pd.Series[Any]"], *, unit: str = "") -> None:
    """A line for each series."""
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(values) < 40 else "lines",
            "x": [moment.isoformat() for moment in values.index],
            "y": values.tolist(),
            "name": label(name),
            "line": {"color": _colour(name, position), "width": 2},
        }
        for position, (name, values) in enumerate(series.items())
    ]
    _chart(key, title, traces, _by_day(unit), _said(series, unit))


def bars_by_name(key: str, title: str, names: Sequence[str], series: Mapping[str, Sequence[int]]) -> None:
    """A bar across for each name, its parts end to end."""
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": [label(name) for name in names],
            "x": list(values),
            "name": label(part),
            "marker": {"color": _colour(part, position)},
        }
        for position, (part, values) in enumerate(series.items())
    ]
    layout = {
        "barmode": "stack",
        "xaxis": {"fixedrange": True},
        "yaxis": {"fixedrange": True, "autorange": "reversed", "automargin": True},
        "hovermode": "y unified",
    }
    totals = {name: sum(values[at] for values in series.values()) for at, name in enumerate(names)}
    said = ", ".join(f"{label(name)} {total:,}" for name, total in totals.items()) or "nothing"
    _chart(key, title, traces, layout, said)


def _chart(key: str, title: str, traces: list[dict[str, Any]], layout: dict[str, Any], said: str) -> None:
    st.html(f'<h3 class="vt-chart-title">{title}</h3>')
    layout = {
        "height": _HEIGHT,
        "margin": {"l": 0, "r": 0, "t": 8, "b": 0},
        "dragmode": False,
        "showlegend": len(traces) > 1,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        **layout,
    }
    figure = go.Figure({"data": traces, "layout": layout})
    st.plotly_chart(figure, key=key, config=_CONFIG, alt=f"{title}: {said}.")


def _by_day(unit: str) -> dict[str, Any]:
    return {
        "hovermode": "x unified",
        "xaxis": {"type": "date", "fixedrange": True, "tickformat": "%-d %b", "hoverformat": "%-d %b %Y", "nticks": 8},
        "yaxis": {
            "fixedrange": True,
            "rangemode": "tozero",
            "tickprefix": unit,
            "tickformat": ",.2~f" if unit else ",.0~f",
        },
    }


def _said(series: Mapping[str, "pd.Series[Any]"], unit: str) -> str:
    """The chart in a sentence: each series' highest day. The numbers of every day are in the table below."""
    parts = []
    for name, values in series.items():
        if not values.any():
            parts.append(f"{label(name)} was zero on every day")
            continue
        top: date = values.idxmax()
        height = f"{unit}{values.max():,.2f}" if unit else f"{values.max():,}"
        parts.append(f"{label(name)} is highest on {day(top)} with {height}")
    return "; ".join(parts)


def _colour(name: str, position: int) -> str:
    return COLOURS.get(name, _SERIES[position % len(_SERIES)])
