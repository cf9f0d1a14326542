"""Consumers: each reads the log from its own cursor on and handles every event exactly once.

What a consumer does for an event and the move of its cursor commit together, under a lock on the cursor's row. An event
that it cannot handle keeps it waiting for `MAX_ATTEMPTS` tries; then it is skipped and its failure kept for staff.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlmodel import Session, col, select

import db
from db.dialects import insert
from db.models import EventCursor, EventFailure, EventRow
from services.errors import NotFound
from services.events import log as event_log
from services.events.event import Event, stored_event

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
_AT_ONCE = 100
_LOOK_AGAIN_SECONDS = 0.02
_LONGEST_ERROR = 500


@dataclass(frozen=True)
class Recorded:
    """An event as the log holds it."""

    id: str
    created_at: datetime
    event: Event


@dataclass(frozen=True)
class Consumer:
    """A reader of the log. `name` is stored with the cursor and never changes; `reads` are the kinds that it handles.

    `handle` runs in the transaction that moves the cursor, and must not commit it. It makes no network call: what must
    leave the installation is stored there and sent by a task.
    """

    name: str
    reads: Sequence[type[Event]]
    handle: Callable[[Session, Recorded], None]


@dataclass(frozen=True)
class Progress:
    """How many events were handled or skipped, and whether there are more: now, or once older transactions end."""

    count: int
    more: bool


def consume(consumer: Consumer, patience: float = 0.0) -> int:
    """Handle all events that can be read now; returns how many the cursor moved past.

    `patience` is how many seconds to wait for transactions that began before an event's and have not ended.
    """
    total, until = 0, time.monotonic() + patience
    while True:
        progress = consume_some(consumer)
        total += progress.count
        if not progress.more:
            return total
        if progress.count == 0:
            if time.monotonic() >= until:
                return total
            time.sleep(_LOOK_AGAIN_SECONDS)


def consume_some(consumer: Consumer) -> Progress:
    """Handle the next events in one transaction."""
    with db.transaction() as session:
        cursor = _lock_cursor(session, consumer.name)
        rows = session.scalars(_after(cursor).where(event_log.is_settled(session)).limit(_AT_ONCE)).all()
        failures = _failures(session, consumer) if rows else {}
        count, is_blocked = 0, False
        for row in rows:
            if not _handle(session, consumer, row, failures.get(row.id)):
                is_blocked = True
                break
            assert row.position is not None
            cursor.transaction_id, cursor.position = row.transaction_id, row.position
            count += 1
        if count:
            cursor.moved_at = db.now()
        more = not is_blocked and session.scalars(_after(cursor).limit(1)).first() is not None
    return Progress(count, more)


def replay(consumer_name: str, since: datetime | None = None) -> None:
    """Have a consumer read again from the first event recorded at `since` or later on (None: all that is kept). Events
    that it had given up on get all their attempts again. Raises NotFound for an unknown consumer."""
    with db.transaction() as session:
        names = session.scalars(select(EventCursor.consumer).order_by(col(EventCursor.consumer))).all()
        if consumer_name not in names:
            raise NotFound(
                f"No consumer named '{consumer_name}' has read events. There are: {', '.join(names) or 'none'}."
            )
        cursor = _lock_cursor(session, consumer_name)
        if since is not None:
            recent = sa.select(EventRow).where(col(EventRow.created_at) >= since)
            first = session.scalars(_in_order(recent).limit(1)).first()
            if first is None:
                return
            assert first.position is not None
            earliest = min((cursor.transaction_id, cursor.position), (first.transaction_id, first.position - 1))
            cursor.transaction_id, cursor.position = earliest  # never moves the cursor forward
        else:
            cursor.transaction_id = cursor.position = 0
        read_again = _after(cursor).with_only_columns(col(EventRow.id)).order_by(None)
        session.execute(
            sa.delete(EventFailure).where(
                col(EventFailure.consumer) == consumer_name, col(EventFailure.event_id).in_(read_again)
            )
        )


def skipped_events() -> int:
    """How many events consumers gave up on."""
    with db.snapshot() as session:
        query = sa.select(sa.func.count()).where(col(EventFailure.skipped_at).is_not(None))
        return int(session.execute(query).scalar_one())


def _lock_cursor(session: Session, name: str) -> EventCursor:
    query = select(EventCursor).where(EventCursor.consumer == name).with_for_update()
    cursor = session.scalars(query).one_or_none()
    if cursor is None:  # another worker may be making it, too
        first = EventCursor(consumer=name).model_dump()
        session.execute(insert(session, EventCursor).values(**first).on_conflict_do_nothing())
        cursor = session.scalars(query).one()
    return cursor


def _after(cursor: EventCursor) -> "sa.Select[EventRow]":
    place = sa.tuple_(col(EventRow.transaction_id), col(EventRow.position))
    return _in_order(sa.select(EventRow).where(place > sa.tuple_(cursor.transaction_id, cursor.position)))


def _in_order(query: "sa.Select[EventRow]") -> "sa.Select[EventRow]":
    return query.order_by(col(EventRow.transaction_id), col(EventRow.position))


def _failures(session: Session, consumer: Consumer) -> dict[str, EventFailure]:
    """Its failure that it will retry, by event: one at most, since the next event waits for it."""
    query = select(EventFailure).where(EventFailure.consumer == consumer.name, col(EventFailure.skipped_at).is_(None))
    return {failure.event_id: failure for failure in session.scalars(query)}


def _handle(session: Session, consumer: Consumer, row: EventRow, failure: EventFailure | None) -> bool:
    """Whether the consumer is done with the event: it handled it, does not read its kind, or gives up on it."""
    if row.kind not in {each.kind for each in consumer.reads}:
        return True
    try:
        with session.begin_nested():
            event = stored_event(row.kind, row.version, row.user_id, {**row.payload, **row.subject_ids})
            consumer.handle(session, Recorded(row.id, row.created_at, event))
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise  # the database's fault and not the event's: nothing moves, and the next turn retries
        return _failed(session, consumer, row, failure, error)
    if failure is not None:
        session.delete(failure)
    return True


def _failed(
    session: Session, consumer: Consumer, row: EventRow, failure: EventFailure | None, error: Exception
) -> bool:
    """Count the failure; whether it was the last one allowed."""
    if failure is None:
        failure = EventFailure(consumer=consumer.name, event_id=row.id, attempts=0, error="")
        session.add(failure)
    failure.attempts += 1
    failure.error = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
    failure.failed_at = db.now()
    if failure.attempts < MAX_ATTEMPTS:
        log.warning("%s could not handle %s %s: %s", consumer.name, row.kind, row.id, failure.error)
        return False
    failure.skipped_at = db.now()
    log.error("%s gives up on %s %s after %s tries: %s", consumer.name, row.kind, row.id, MAX_ATTEMPTS, failure.error)
    return True
