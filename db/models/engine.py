"""The worker processes, and when each schedule last began."""

from datetime import datetime

from sqlmodel import Field

from db.clock import now
from db.models.base import SQLModel
from db.types import UtcDateTime


class Worker(SQLModel, table=True):
    """A worker process, seen alive at `seen_at` on the database's own clock."""

    __tablename__ = "workers"

    id: str = Field(primary_key=True)
    hostname: str
    pid: int
    version: str
    concurrency: int
    draining: bool = False
    running: int = 0
    started_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Chore(SQLModel, table=True):
    """Something one worker at a time does periodically for the whole installation, and when it last began."""

    __tablename__ = "chores"

    name: str = Field(primary_key=True)
    begun_at: datetime = Field(sa_type=UtcDateTime)
