"""The log itself: writing to it, and the order in which it is read."""

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
import sqlmodel
from sqlalchemy.orm import Session
from sqlmodel import col

from db import new_id, now
from db.models import EventRow
from services.engine.wakeup import notify
from services.events.event import Event

RECORDED = "events"
"""The wake-up sent when events are committed: it wakes the schedules that consume them."""


def record(session: Session, event: Event) -> str:
    """Write an event in the caller's transaction, which takes it back if it rolls back; returns the event's id."""
    return record_all(session, [event])[0]


def record_all(session: Session, happened: Sequence[Event]) -> list[str]:
    """The same for several events, in one statement; returns their ids."""
    rows = [
        {
            "id": new_id("evt"),
            "kind": event.kind,
            "version": event.version,
            "user_id": event.user_id,
            "subject_ids": event.subject_ids(),
            "payload": event.payload(),
            "created_at": now(),
        }
        for event in happened
    ]
    if rows:
        transaction_id = _transaction_id() if _is_postgresql(session) else 0
        insert = sa.insert(EventRow).values(transaction_id=transaction_id)
        session.execute(insert.returning(col(EventRow.position)), rows)  # or one statement each
        notify(cast(sqlmodel.Session, session), RECORDED)
    return [str(row["id"]) for row in rows]


def is_settled(session: Session) -> sa.ColumnElement[bool]:
    """Whether no event can still appear before this one.

    A transaction that began earlier may commit later, and its events come first in the order. So on PostgreSQL only
    those are read that are older than every transaction still under way. SQLite has one writer at a time: there
    positions are given in the order of commits.
    """
    if not _is_postgresql(session):
        return sa.true()
    return col(EventRow.transaction_id) < _number(sa.func.pg_snapshot_xmin(sa.func.pg_current_snapshot()))


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _transaction_id() -> sa.ColumnElement[int]:
    return _number(sa.func.pg_current_xact_id())


def _number(transaction_id: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """PostgreSQL casts an xid8 to text alone; it stays far below the largest bigint."""
    return sa.cast(sa.cast(transaction_id, sa.Text), sa.BigInteger)
