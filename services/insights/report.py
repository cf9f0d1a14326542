"""The figures of a range, against the period before, as far as the reader's role allows. Loads pandas: import late."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlmodel import col

from db.connection import snapshot
from db.models import DailyFigure, User
from services.accounts.actor import Actor
from services.accounts.permissions import Permission
from services.billing.gateway.simulated import is_simulated
from services.insights import rollup
from services.insights.figures import SHOWN, Shown, Totals
from services.insights.metrics import CHECKOUT, METRICS, Fold, Metric
from services.insights.ranges import DayRange


@dataclass(frozen=True)
class Figure:
    """One figure of the range and of the period before; None where there is no figure."""

    shown: Shown
    value: int | None
    before: int | None


@dataclass(frozen=True)
class Part:
    """One part of a metric: its values of the metric's dimensions, and its value in the range and before."""

    split: tuple[str, ...]
    value: int
    before: int


@dataclass(frozen=True)
class Report:
    """What a member of staff may see of a range: `metrics` names it. `is_test`: its payments were test payments."""

    range: DayRange
    metrics: frozenset[str]
    is_test: bool
    figures: tuple[Figure, ...]
    _daily: Mapping[str, Mapping[str, list[int]]]
    _parts: Mapping[str, tuple[Part, ...]]

    def has(self, *metrics: str) -> bool:
        """Whether the reader may see all of these."""
        return self.metrics.issuperset(metrics)

    def by_day(self, metric: str) -> pd.DataFrame:
        """A row for every day of the range, a column for each value of the first dimension (or just "")."""
        days = pd.Index(self.range.dates, name="day")
        return pd.DataFrame(self._daily.get(metric) or {"": [0] * len(days)}, index=days, dtype="int64")

    def by_day_total(self, metric: str) -> "pd.Series[int]":
        """One number for every day of the range."""
        return self.by_day(metric).sum(axis="columns")

    def parts(self, metric: str) -> tuple[Part, ...]:
        """The parts of the metric that are not zero in the range or before, by name."""
        return self._parts.get(metric, ())


def report(actor: Actor, chosen: DayRange) -> Report:
    """The figures of `chosen`, up to this moment. Raises `Forbidden` for anyone who is not staff.

    Each sees the metrics whose permission they have.
    """
    actor.require(Permission.VIEW_FIGURES)
    actor.require_scope("admin")
    rollup.keep()
    metrics = [metric for metric in METRICS if actor.may(metric.permission)]
    with snapshot() as session:
        now, before = _Period(session, chosen, metrics), _Period(session, chosen.before, metrics)
        daily = _daily(session, chosen, before, metrics)
    known = frozenset(metric.name for metric in metrics)
    return Report(
        range=chosen,
        metrics=known,
        is_test="paid" in known and is_simulated(),
        figures=tuple(
            Figure(shown, shown.value(now), shown.value(before)) for shown in SHOWN if known.issuperset(shown.needs)
        ),
        _daily=daily,
        _parts={metric.name: _parts(metric, now, before) for metric in metrics if metric.fold == Fold.SUM},
    )


class _Period(Totals):
    """The roll-up's rows of one period, folded."""

    def __init__(self, session: Session, days: DayRange, metrics: Iterable[Metric]) -> None:
        names = _by_fold(metrics)
        self.sums = _sums(session, days, names[Fold.SUM])
        self._single = _accounts(session, days, names[Fold.ACCOUNTS]) | _levels(session, days, names[Fold.LEVEL])
        self._spreads = _sums(session, days, names[Fold.SPREAD])

    def total(self, metric: str, dimension: str | None = None) -> int:
        if metric in self._single:
            return self._single[metric]
        parts = self.sums[metric]
        return sum(parts.values()) if dimension is None else parts.get(dimension, 0)

    def spread(self, metric: str) -> Mapping[int, int]:
        return {int(size): count for size, count in self._spreads[metric].items()}


_F = DailyFigure
_OF_PAYMENTS = [metric.name for metric in METRICS if CHECKOUT in metric.dimensions]


def _by_fold(metrics: Iterable[Metric]) -> dict[Fold, list[str]]:
    names: dict[Fold, list[str]] = {fold: [] for fold in Fold}
    for metric in metrics:
        names[metric.fold].append(metric.name)
    return names


def _within(days: DayRange, names: list[str]) -> sa.ColumnElement[bool]:
    """Their rows of these days; of payments, only those of the checkout in use."""
    pretended = col(_F.dimension).endswith("|test")
    return sa.and_(
        col(_F.metric).in_(names),
        col(_F.day) >= days.since,
        col(_F.day) <= days.until,
        sa.or_(col(_F.metric).not_in(_OF_PAYMENTS), pretended if is_simulated() else ~pretended),
    )


def _sums(session: Session, days: DayRange, names: list[str]) -> dict[str, dict[str, int]]:
    """For each metric, the total of each dimension."""
    query = (
        sa.select(col(_F.metric), col(_F.dimension), sa.func.sum(col(_F.value)))
        .where(_within(days, names))
        .group_by(col(_F.metric), col(_F.dimension))
    )
    found: dict[str, dict[str, int]] = {name: {} for name in names}
    for metric, dimension, value in session.execute(query):
        found[metric][dimension] = int(value)
    return found


def _accounts(session: Session, days: DayRange, names: list[str]) -> dict[str, int]:
    # one lookup an account: removing duplicate rows instead took a third of the time of the whole page
    return {
        name: session.scalars(
            sa.select(sa.func.count())
            .select_from(User)
            .where(sa.exists().where(_within(days, [name]), col(_F.dimension) == col(User.id)))
        ).one()
        for name in names
    }


def _levels(session: Session, days: DayRange, names: list[str]) -> dict[str, int]:
    query = (
        sa.select(col(_F.metric), sa.func.sum(col(_F.value)))
        .where(col(_F.metric).in_(names), col(_F.day) <= days.until)
        .group_by(col(_F.metric))
    )
    return dict.fromkeys(names, 0) | {metric: int(value) for metric, value in session.execute(query)}


def _daily(
    session: Session, chosen: DayRange, before: _Period, metrics: Iterable[Metric]
) -> dict[str, dict[str, list[int]]]:
    """The data of the charts and daily tables: for each metric and first part of its dimension, every day."""
    place = {day: at for at, day in enumerate(chosen.dates)}
    names = _by_fold(metrics)
    found: dict[str, dict[str, list[int]]] = {}
    for day, metric, dimension, value in _rows_by_day(session, chosen, names):
        values = found.setdefault(metric, {}).setdefault(dimension.split("|", 1)[0], [0] * len(place))
        values[place[day]] += value
    for name in names[Fold.LEVEL]:
        changes = found.get(name, {}).get("", [0] * len(place))
        found[name] = {"": list(accumulate(changes, initial=before.total(name)))[1:]}
    return {metric: dict(sorted(split.items())) for metric, split in found.items()}


def _rows_by_day(
    session: Session, days: DayRange, names: Mapping[Fold, list[str]]
) -> Iterator[sa.Row[date, str, str, int]]:
    """Day, metric, dimension and value; accounts are counted, not named."""
    kept = sa.select(col(_F.day), col(_F.metric), col(_F.dimension), col(_F.value))
    yield from session.execute(kept.where(_within(days, [*names[Fold.SUM], *names[Fold.LEVEL]])))
    counted = sa.select(col(_F.day), col(_F.metric), sa.literal(""), sa.func.count())
    accounts = counted.where(_within(days, names[Fold.ACCOUNTS])).group_by(col(_F.day), col(_F.metric))
    yield from session.execute(accounts)


def _parts(metric: Metric, now: _Period, before: _Period) -> tuple[Part, ...]:
    mine, earlier = now.sums[metric.name], before.sums[metric.name]
    return tuple(
        Part(tuple(name.split("|", len(metric.dimensions) - 1)), mine.get(name, 0), earlier.get(name, 0))
        for name in sorted({*mine, *earlier})
    )
