"""Count the statements that a piece of code sends to the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
import sqlalchemy as sa

import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements sent in the block, in order, without those that begin and end transactions.

    On PostgreSQL they are counted at the driver, for the ledger goes past SQLAlchemy, and each row of an `executemany`
    there counts as one.
    """
    sent: list[str] = []

    def note(statement: object, count: int = 1) -> None:
        if not str(statement).startswith("BEGIN"):
            sent.extend([str(statement)] * count)

    if db.engine().dialect.name == "postgresql":
        with _driver_watched(note):
            yield sent
        return

    def executed(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        note(statement)

    engine = db.engine()
    sa.event.listen(engine, "before_cursor_execute", executed)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", executed)


def by_the_engine(statement: str) -> bool:
    """Whether a statement is the job engine's own."""
    return "workflow_status" in statement or "workflow_input" in statement


@contextmanager
def _driver_watched(note: Any) -> Iterator[None]:
    execute, executemany = psycopg.Cursor.execute, psycopg.Cursor.executemany

    def one(self: Any, query: Any, *rest: Any, **others: Any) -> Any:
        note(query)
        return execute(self, query, *rest, **others)

    def many(self: Any, query: Any, rows: Sequence[Any], **others: Any) -> None:
        note(query, len(rows))
        executemany(self, query, rows, **others)

    with patch.object(psycopg.Cursor, "execute", one), patch.object(psycopg.Cursor, "executemany", many):
        yield
