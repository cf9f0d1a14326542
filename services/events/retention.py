"""Removing old events that every consumer has read."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

import db
from db.models import EventCursor, EventFailure, EventRow

KEPT = timedelta(days=90)
_AT_ONCE = 1000


def sweep() -> int:
    """Remove events older than `KEPT` that every consumer has passed, and their failures; returns how many."""
    total = 0
    while removed := _sweep_some():
        total += removed
    return total


def _sweep_some() -> int:
    with db.transaction() as session:
        place = sa.tuple_(col(EventRow.transaction_id), col(EventRow.position))
        slowest = session.execute(
            sa.select(col(EventCursor.transaction_id), col(EventCursor.position))
            .order_by(col(EventCursor.transaction_id), col(EventCursor.position))
            .limit(1)
        ).first()
        if slowest is None:
            return 0  # keep everything while no consumer has read yet
        old = (
            sa.select(col(EventRow.id))
            .where(col(EventRow.created_at) < db.now() - KEPT, place <= sa.tuple_(slowest[0], slowest[1]))
            .limit(_AT_ONCE)
        )
        ids = session.scalars(old).all()
        session.execute(sa.delete(EventFailure).where(col(EventFailure.event_id).in_(ids)))
        session.execute(sa.delete(EventRow).where(col(EventRow.id).in_(ids)))
        return len(ids)
