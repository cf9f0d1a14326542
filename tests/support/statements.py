"""Count the statements that a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements that our own connections send in the block, in order; the engine's have connections of their
    own, but for what it writes in our transactions."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    engine = db.engine()
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
