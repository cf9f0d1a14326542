"""Batches: one recipe on many pictures, a job for each."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import Json, UtcDateTime


class Batch(SQLModel, table=True):
    """Its jobs name it as their origin, and how it stands is what they say. `naming` is the rule for the names in its
    ZIP; `completed_at` is when it was last noticed that no job is under way, and `completed_runs` how many runs its
    jobs had had then: a retry makes it more, and the batch completes anew. `request_key` makes a repeated request one
    batch."""

    __tablename__ = "batches"
    __table_args__ = (
        sa.Index("ix_batches_user", "user_id", "id"),
        sa.UniqueConstraint("user_id", "request_key", name="uq_batches_request"),
    )

    id: str = Field(default_factory=lambda: new_id("bat"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    recipe: dict[str, Any] = Field(sa_type=Json)
    naming: str
    request_key: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    completed_runs: int = 0
