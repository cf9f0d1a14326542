"""The figures of a range, against the period before, as far as the reader's role allows. Loads pandas: import late."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from db.connection import snapshot
from db.models import DailyFigure, Role
from services.accounts.actor import Actor
from services.insights import rollup
from services.insights.figures import SHOWN, Shown, Totals
from services.insights.metrics import BY_NAME, METRICS, Fold, Metric
from services.insights.ranges import DayRange


@dataclass(frozen=True)
class Figure:
    """One figure of the range and of the period before; None where there is nothing to tell."""

    shown: Shown
    value: int | None
    before: int | None


@dataclass(frozen=True)
class Report:
    """What a member of staff may know of a range. `metrics` names what that is."""

    range: DayRange
    metrics: frozenset[str]
    figures: tuple[Figure, ...]
    _daily: pd.DataFrame
    _parts: pd.DataFrame

    def has(self, *metrics: str) -> bool:
        """Whether the reader may know all of these."""
        return self.metrics.issuperset(metrics)

    def by_day(self, metric: str) -> pd.DataFrame:
        """A row for every day of the range, a column for each value of the first dimension (or just "")."""
        rows = self._daily[self._daily["metric"] == metric]
        table = rows.groupby(["day", "first"])["value"].sum().unstack("first")
        table = table.reindex(_days(self.range)).fillna(0).astype("int64")
        return table if len(table.columns) else table.assign(**{"": 0})

    def by_day_total(self, metric: str) -> "pd.Series[int]":
        """One number for every day of the range."""
        return self.by_day(metric).sum(axis="columns")

    def parts(self, metric: str) -> pd.DataFrame:
        """The range split by the metric's dimensions: a column for each, and `value` and `before`."""
        names = list(BY_NAME[metric].dimensions)
        rows = self._parts[self._parts["metric"] == metric]
        split = rows["dimension"].str.split("|", n=len(names) - 1, expand=True).reindex(columns=range(len(names)))
        split.columns = pd.Index(names)
        return split.join(rows[["value", "before"]]).reset_index(drop=True)


def report(actor: Actor, chosen: DayRange) -> Report:
    """The figures of `chosen`, right up to this moment. Raises `Forbidden` for anyone who is not staff.

    Support sees people and jobs, finance sees money and costs, both see credits, a super_admin sees all.
    """
    actor.require_role(Role.SUPPORT_ADMIN, Role.FINANCE_ADMIN)
    actor.require_scope("admin")
    rollup.keep()
    metrics = [metric for metric in METRICS if _may_see(actor, metric)]
    with snapshot() as session:
        now, before = _Period(session, chosen, metrics), _Period(session, chosen.before, metrics)
        daily = _daily(session, now, before, metrics)
    known = frozenset(metric.name for metric in metrics)
    return Report(
        range=chosen,
        metrics=known,
        figures=tuple(
            Figure(shown, shown.value(now), shown.value(before)) for shown in SHOWN if known.issuperset(shown.needs)
        ),
        _daily=daily,
        _parts=_parts(now, before),
    )


def _may_see(actor: Actor, metric: Metric) -> bool:
    return actor.role == Role.SUPER_ADMIN or actor.role in metric.roles


class _Period(Totals):
    """The roll-up's rows of one period, folded."""

    def __init__(self, session: Session, days: DayRange, metrics: Iterable[Metric]) -> None:
        names = {fold: [metric.name for metric in metrics if metric.fold == fold] for fold in Fold}
        self.days = days
        self.rows = _sums_by_day(session, days, names[Fold.SUM])
        self.sums = self.rows.groupby(["metric", "dimension"])["value"].sum()
        self._single = _distinct(session, days, names[Fold.DISTINCT]) | _levels(session, days, names[Fold.LEVEL])
        self._spreads = _spreads(session, days, names[Fold.SPREAD])

    def total(self, metric: str, dimension: str | None = None) -> int:
        if metric in self._single:
            return self._single[metric]
        if dimension is not None:
            return int(self.sums.get((metric, dimension), 0))
        return int(self.sums.loc[metric].sum()) if metric in self.sums.index.get_level_values(0) else 0

    def spread(self, metric: str) -> Mapping[int, int]:
        return self._spreads[metric]


_F = DailyFigure


def _frame(session: Session, query: sa.Select[date, str, str, int]) -> pd.DataFrame:
    frame = pd.DataFrame(session.execute(query).all(), columns=["day", "metric", "dimension", "value"])
    return frame.astype({"value": "int64"})


def _within(days: DayRange, names: list[str]) -> sa.ColumnElement[bool]:
    return sa.and_(col(_F.metric).in_(names), col(_F.day) >= days.since, col(_F.day) <= days.until)


def _sums_by_day(session: Session, days: DayRange, names: list[str]) -> pd.DataFrame:
    query = sa.select(col(_F.day), col(_F.metric), col(_F.dimension), col(_F.value)).where(_within(days, names))
    return _frame(session, query)


def _distinct(session: Session, days: DayRange, names: list[str]) -> dict[str, int]:
    # DISTINCT can be hashed; COUNT(DISTINCT …) makes PostgreSQL sort every row: a third of the time of a whole page
    different = sa.select(col(_F.metric), col(_F.dimension)).where(_within(days, names)).distinct().subquery()
    query = sa.select(different.c.metric, sa.func.count()).group_by(different.c.metric)
    return dict.fromkeys(names, 0) | {metric: int(count) for metric, count in session.execute(query)}


def _levels(session: Session, days: DayRange, names: list[str]) -> dict[str, int]:
    query = (
        sa.select(col(_F.metric), sa.func.sum(col(_F.value)))
        .where(col(_F.metric).in_(names), col(_F.day) <= days.until)
        .group_by(col(_F.metric))
    )
    return dict.fromkeys(names, 0) | {metric: int(value) for metric, value in session.execute(query)}


def _spreads(session: Session, days: DayRange, names: list[str]) -> dict[str, dict[int, int]]:
    query = (
        sa.select(col(_F.metric), col(_F.dimension), sa.func.sum(col(_F.value)))
        .where(_within(days, names))
        .group_by(col(_F.metric), col(_F.dimension))
    )
    found: dict[str, dict[int, int]] = {name: {} for name in names}
    for metric, size, count in session.execute(query):
        found[metric][int(size)] = int(count)
    return found


def _daily(session: Session, now: _Period, before: _Period, metrics: Iterable[Metric]) -> pd.DataFrame:
    """What charts and the table of days are drawn from: day, metric, first part of the dimension, value."""
    frames = [now.rows.assign(first=now.rows["dimension"].str.split("|", n=1).str[0])]
    by_fold = {fold: [metric.name for metric in metrics if metric.fold == fold] for fold in Fold}
    if names := by_fold[Fold.DISTINCT]:
        query = (
            sa.select(col(_F.day), col(_F.metric), sa.literal(""), sa.func.count())
            .where(_within(now.days, names))
            .group_by(col(_F.day), col(_F.metric))
        )
        frames.append(_frame(session, query).assign(first=""))
    for name in by_fold[Fold.LEVEL]:
        changes = _sums_by_day(session, now.days, [name]).set_index("day")["value"]
        levels = changes.reindex(_days(now.days), fill_value=0).cumsum() + before.total(name)
        frames.append(pd.DataFrame({"day": levels.index, "metric": name, "first": "", "value": levels.to_numpy()}))
    return pd.concat(frames)[["day", "metric", "first", "value"]]


def _days(chosen: DayRange) -> pd.Index:
    return pd.Index([day.date() for day in pd.date_range(chosen.since, chosen.until)], name="day")


def _parts(now: _Period, before: _Period) -> pd.DataFrame:
    both = pd.DataFrame({"value": now.sums, "before": before.sums})
    return both.fillna(0).astype("int64").rename_axis(["metric", "dimension"]).reset_index()
