"""A report as CSV: what the screen shows, one number per line, in whole units that a program can add up."""

import csv
import io
from collections.abc import Iterator

from services.insights.figures import NOBODY_PAID, Unit
from services.insights.metrics import BY_NAME, Fold
from services.insights.report import Report

_HEADER = ("section", "day", "figure", "split", "unit", "value", "before")
UNITS = {
    Unit.COUNT: "count",
    Unit.CREDITS: "credits",
    Unit.CENTS: "US cents",
    Unit.MICROS: "millionths of a US dollar",
    Unit.MILLISECONDS: "milliseconds",
    Unit.SHARE: "thousandths",
}
_METRICS = {  # the metrics that are split and listed by day, and their titles
    "sign_ups": ("Sign-ups", Unit.COUNT),
    "active_shops": ("Active shops", Unit.COUNT),
    "jobs": ("Jobs", Unit.COUNT),
    "operations": ("Jobs by operation", Unit.COUNT),
    "credits_granted": ("Credits granted", Unit.CREDITS),
    "credits_spent": ("Credits spent", Unit.CREDITS),
    "credits_lapsed": ("Credits lapsed", Unit.CREDITS),
    "credits_outstanding": ("Credits outstanding", Unit.CREDITS),
    "payments": ("Payments", Unit.COUNT),
    "paid": ("Paid", Unit.CENTS),
    "taken_back": ("Refunds and disputes", Unit.CENTS),
    "provider_calls": ("Provider calls", Unit.COUNT),
    "provider_cost": ("Provider cost", Unit.MICROS),
}


def report_csv(shown: Report) -> str:
    """All of `shown` with a header line: its figures, their splits, and every day."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADER)
    if shown.is_test:
        writer.writerow(("note", "", NOBODY_PAID, "", "", "", ""))
    writer.writerows(_figures(shown))
    writer.writerows(_parts(shown))
    writer.writerows(_days(shown))
    return out.getvalue()


def _figures(shown: Report) -> Iterator[tuple[object, ...]]:
    span = f"{shown.range.since} to {shown.range.until}"
    for figure in shown.figures:
        values = ("" if value is None else value for value in (figure.value, figure.before))
        yield "figure", span, figure.shown.title, "", UNITS[figure.shown.unit], *values


def _parts(shown: Report) -> Iterator[tuple[object, ...]]:
    span = f"{shown.range.since} to {shown.range.until}"
    for name, (title, unit) in _METRICS.items():
        if shown.has(name) and BY_NAME[name].fold == Fold.SUM and BY_NAME[name].dimensions:
            for part in shown.parts(name):
                yield "split", span, title, " / ".join(part.split), UNITS[unit], part.value, part.before


def _days(shown: Report) -> Iterator[tuple[object, ...]]:
    for name, (title, unit) in _METRICS.items():
        if shown.has(name):
            for day, *values in (table := shown.by_day(name)).itertuples():
                for split, value in zip(table.columns, values, strict=True):
                    yield "day", day, title, split, UNITS[unit], value, ""
