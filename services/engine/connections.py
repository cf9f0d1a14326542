"""What app and worker processes must agree on to share one engine, and the engine's own connections to the database."""

from typing import Any

import sqlalchemy as sa

from config import settings

APPLICATION = "vitrine"
VERSION = "1"
"""Pinned: computed from the code it would differ between releases, and a new worker would never run old jobs."""


def make_system_engine() -> sa.Engine:
    """Connections for the engine's own bookkeeping.

    On SQLite they are not ours: the engine reads while our transaction holds the write lock, and with our
    BEGIN IMMEDIATE for every connection that read would wait for itself.
    """
    url = settings().database_url
    if not settings().is_sqlite:
        return sa.create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_size=5, max_overflow=20, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine
