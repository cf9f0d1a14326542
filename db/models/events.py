"""What happened, how far each consumer has read it, and what a consumer could not handle."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.models.base import SQLModel
from db.types import Json, UtcDateTime

_Counter = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class EventRow(SQLModel, table=True):
    """Something that happened, written in the transaction that made it happen.

    `version` is that of the schema of its kind. `transaction_id` is PostgreSQL's id of that transaction, 0 on SQLite:
    ordered by it and `position`, what commits later never comes before what a consumer may have read.
    """

    __tablename__ = "events"
    __table_args__ = (
        sa.Index("ix_events_order", "transaction_id", "position"),
        {"sqlite_autoincrement": True},  # or the position of a removed event would be given again
    )

    position: int | None = Field(default=None, sa_type=_Counter, primary_key=True)
    id: str = Field(unique=True)
    transaction_id: int = Field(sa_type=sa.BigInteger)
    kind: str
    version: int
    user_id: str | None = Field(default=None, foreign_key="users.id", index=True)
    subject_ids: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)


class EventCursor(SQLModel, table=True):
    """The last event that a consumer has done with. Its row is the lock that one worker at a time holds."""

    __tablename__ = "event_cursors"

    consumer: str = Field(primary_key=True)
    transaction_id: int = Field(default=0, sa_type=sa.BigInteger)
    position: int = Field(default=0, sa_type=sa.BigInteger)
    moved_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class EventFailure(SQLModel, table=True):
    """An event that a consumer failed to handle, and how often. It was skipped for good once `skipped_at` is set."""

    __tablename__ = "event_failures"

    consumer: str = Field(primary_key=True)
    event_id: str = Field(primary_key=True)
    attempts: int
    error: str
    skipped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
