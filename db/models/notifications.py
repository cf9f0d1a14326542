"""The inbox: what the app tells people."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import UtcDateTime


class UserNotification(SQLModel, table=True):
    """A notice to a person about one event: the same event never makes two."""

    __tablename__ = "user_notifications"
    __table_args__ = (sa.Index("ix_user_notifications_user", "user_id", "id"),)

    id: str = Field(default_factory=lambda: new_id("ntf"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    event_id: str = Field(unique=True)
    kind: str
    message: str
    job_id: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
