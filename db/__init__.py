"""The database: `transaction()`, `snapshot()`, ids, the clock, models and migrations."""

from db.clock import now
from db.connection import dispose, engine, is_reachable, read, snapshot, transaction
from db.ids import new_id

__all__ = ["dispose", "engine", "is_reachable", "new_id", "now", "read", "snapshot", "transaction"]
