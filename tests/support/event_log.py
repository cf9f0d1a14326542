"""What the log of events holds."""

from sqlmodel import col, select

import db
from db.models import EventRow
from services.accounts.actor import Actor
from services.events.event import Event, stored_event


def recorded(kind: str | None = None, *, of: Actor | None = None) -> list[Event]:
    """The events in the order in which they were recorded: those of one kind, those of one person."""
    query = select(EventRow).order_by(col(EventRow.position))
    if kind is not None:
        query = query.where(EventRow.kind == kind)
    if of is not None:
        query = query.where(EventRow.user_id == of.id)
    with db.snapshot() as session:
        rows = session.scalars(query).all()
    return [stored_event(row.kind, row.version, row.user_id, {**row.payload, **row.subject_ids}) for row in rows]


def kinds(*, of: Actor | None = None) -> list[str]:
    """The kinds of the events, in order."""
    return [event.kind for event in recorded(of=of)]
