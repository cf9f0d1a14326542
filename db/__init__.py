"""The database: `transaction()`, `snapshot()`, ids, the clock, models, queries and migrations."""

from db.clock import now
from db.connection import dispose, engine, snapshot, transaction
from db.ids import new_id

__all__ = ["dispose", "engine", "new_id", "now", "snapshot", "transaction"]
