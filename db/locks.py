"""Named locks that last until the transaction ends."""

import sqlalchemy as sa
from sqlmodel import Session


def lock_names(session: Session, *names: str) -> None:
    """Wait until no other transaction holds any of `names`. On SQLite every writer already waits for the other."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    for name in sorted(names):  # one order for all, so that two never wait for each other
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
