"""Notices in the app: read newest first, marked as read."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

import db
from db.clock import now
from db.models import UserNotification
from services.accounts.actor import Actor
from services.cursors import newest


@dataclass(frozen=True)
class NotificationView:
    """One notice. `kind` is stable: job.completed, job.failed, batch.completed, credits.low, and payment.succeeded,
    .failed, .refunded, .disputed, .restored."""

    id: str
    kind: str
    message: str
    job_id: str | None
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True)
class NotificationPage:
    """A page of notices, newest first, and how many are unread in all."""

    items: tuple[NotificationView, ...]
    has_more: bool
    unread: int


def list_notifications(
    actor: Actor, *, unread_only: bool = False, limit: int = 20, starting_after: str | None = None
) -> NotificationPage:
    """The person's notices, newest first, those after the id `starting_after`. Raises `Invalid` for another's."""
    actor.require_scope("read")
    mine = col(UserNotification.user_id) == actor.id
    is_unread = col(UserNotification.read_at).is_(None)
    query = select(UserNotification).where(mine)
    if unread_only:
        query = query.where(is_unread)
    with db.snapshot() as session:
        query = newest(UserNotification).rest_of(session, actor, query, starting_after, "notice")
        rows = session.scalars(query.limit(limit + 1)).all()
        unread = session.scalar(sa.select(sa.func.count()).select_from(UserNotification).where(mine, is_unread))
    return NotificationPage(tuple(_view(row) for row in rows[:limit]), len(rows) > limit, int(unread or 0))


def mark_read(actor: Actor) -> None:
    """Mark all of the person's notices as read."""
    actor.require_scope("write")
    with db.transaction() as session:
        session.execute(
            sa.update(UserNotification)
            .where(col(UserNotification.user_id) == actor.id, col(UserNotification.read_at).is_(None))
            .values(read_at=now())
        )


def _view(row: UserNotification) -> NotificationView:
    return NotificationView(row.id, row.kind, row.message, row.job_id, row.created_at, row.read_at)
