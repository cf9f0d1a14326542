"""Keeping the daily figures: only changed days are computed again, and any number of processes may do it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from db.clock import now
from db.connection import snapshot, transaction
from db.locks import lock_names
from db.models import DailyFigure, RollUp
from services.insights.metrics import METRICS, SOURCES, in_words_of

# How late a change may become visible: a long transaction, a machine whose clock is behind.
MARGIN = timedelta(minutes=10)
_NAME = "daily_figures"
_LONGEST_SPAN = 31  # days computed in one transaction

Key = tuple[date, str, str]


def keep() -> int:
    """Compute again the days whose raw rows changed since the last time, at first all of them; returns how many."""
    started = now()
    kept_until = _kept_until()
    if kept_until is None:
        return rebuild()
    with snapshot() as session:
        days = _days(session, changed_since=kept_until - MARGIN)
    return _compute(days, started)


def rebuild() -> int:
    """Compute every day again from the raw rows; returns how many. Safe at any time."""
    started = now()
    with snapshot() as session:
        raw = _days(session, changed_since=None)
        stored = session.scalars(sa.select(col(DailyFigure.day)).distinct()).all()
    return _compute({*raw, *stored}, started)


def _kept_until() -> datetime | None:
    with snapshot() as session:
        return session.scalar(sa.select(col(RollUp.kept_until)).where(col(RollUp.name) == _NAME))


def _days(session: Session, changed_since: datetime | None) -> set[date]:
    connection = session.connection()
    found: set[date] = set()
    for days, changed in SOURCES.values():
        statement = f"{days} WHERE {changed}"
        parameters = {"since": changed_since or datetime(1970, 1, 1, tzinfo=UTC)}
        rows = connection.execute(in_words_of(connection.dialect.name, statement), parameters)
        found |= {_day(value) for value in rows.scalars()}
    return found


def _compute(days: Iterable[date], started: datetime) -> int:
    """Bring these days up to date, then record that all changes before `started` are included.

    A process that ends half way leaves correct days, and the others to the next process.
    """
    count = 0
    for since, until in _spans(sorted(days)):
        with transaction() as session:
            lock_names(session, _NAME)  # so that each process reads the raw rows after the one before it has written
            _bring_up_to_date(session, since, until)
        count += (until - since).days
    with transaction() as session:
        lock_names(session, _NAME)
        kept = session.get(RollUp, _NAME)
        if kept is None:
            session.add(RollUp(name=_NAME, kept_until=started))
        elif kept.kept_until < started:
            kept.kept_until = started
    return count


def _spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """Runs of consecutive days, each as its first day and the day after its last."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and spans[-1][1] == day and (day - spans[-1][0]).days < _LONGEST_SPAN:
            spans[-1] = (spans[-1][0], day + timedelta(days=1))
        else:
            spans.append((day, day + timedelta(days=1)))
    return spans


def _bring_up_to_date(session: Session, since: date, until: date) -> None:
    """Write only what differs: most of a day's figures are the same as a minute ago."""
    fresh = _fresh(session, since, until)
    rows = session.execute(
        sa.select(
            col(DailyFigure.day), col(DailyFigure.metric), col(DailyFigure.dimension), col(DailyFigure.value)
        ).where(col(DailyFigure.day) >= since, col(DailyFigure.day) < until)
    )
    stored: dict[Key, int] = {(row.day, row.metric, row.dimension): row.value for row in rows}
    table = DailyFigure.__table__  # type: ignore[attr-defined]
    if outdated := [key for key, value in stored.items() if fresh.get(key) != value]:
        session.execute(
            sa.delete(table).where(
                table.c.day == sa.bindparam("of_day"),
                table.c.metric == sa.bindparam("of_metric"),
                table.c.dimension == sa.bindparam("of_dimension"),
            ),
            [{"of_day": day, "of_metric": metric, "of_dimension": dimension} for day, metric, dimension in outdated],
        )
    if changed := [(key, value) for key, value in fresh.items() if stored.get(key) != value]:
        at = now()
        session.execute(
            sa.insert(table),
            [
                {"day": day, "metric": metric, "dimension": dimension, "value": value, "computed_at": at}
                for (day, metric, dimension), value in changed
            ],
        )


def _fresh(session: Session, since: date, until: date) -> dict[Key, int]:
    connection = session.connection()
    bounds = {"since": _midnight(since), "until": _midnight(until)}
    return {
        (_day(row.day), metric.name, row.dimension): int(row.value)
        for metric in METRICS
        for row in connection.execute(in_words_of(connection.dialect.name, metric.statement), bounds)
        if row.value
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
