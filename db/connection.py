"""The engine and the two ways to use it: `transaction()` to change things, `snapshot()` to read them."""

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from config import settings

IDLE_IN_TRANSACTION_SECONDS = 15
_READING, _SNAPSHOT, _ONE_STATEMENT = "vitrine_reading", "snapshot", "one statement"

_engine: sa.Engine | None = None


def make_engine(url: str, *, pool_size: int = 20) -> sa.Engine:
    """An engine; on SQLite with what several processes need: WAL, a busy time-out, BEGIN IMMEDIATE for writers."""
    if not url.startswith("sqlite"):
        # a process frozen inside a transaction must not keep its row locks: the server ends the transaction for it
        options = f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_SECONDS}s -c timezone=UTC"
        engine = sa.create_engine(url, pool_size=pool_size, max_overflow=pool_size, connect_args={"options": options})
        sa.event.listen(engine, "checkout", _refuse_closed)
        return engine
    if path := sa.make_url(url).database:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, connect_args={"timeout": 30, "check_same_thread": False}
    )

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # the driver would begin too late: after the read that a check rests on
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get(_READING)
        if reading != _ONE_STATEMENT:
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that the server ended while it was idle.

    The server says so when it does, and says nothing else to an idle connection: having something to read is enough to
    know, and asks for no round trip.
    """
    readable = select.poll()
    readable.register(connection.fileno(), select.POLLIN)
    if readable.poll(0):
        raise sa.exc.DisconnectionError


def engine() -> sa.Engine:
    """The process's engine, made from the settings on first use."""
    global _engine
    if _engine is None:
        _engine = make_engine(settings().database_url)
    return _engine


def dispose() -> None:
    """Close every connection and forget the engine; the next use makes a new one from the settings."""
    global _engine
    if _engine is not None:
        _engine.dispose()
    _engine = None


@contextmanager
def transaction() -> Iterator[Session]:
    """One unit of work: commits at the end, rolls back on any error. Only use cases open one."""
    with Session(engine(), expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def snapshot() -> Iterator[Session]:
    """A read-only unit of work that never waits for a writer on SQLite."""
    with Session(engine(), expire_on_commit=False) as session:
        # options of the connection: an engine with options of its own calls each event twice as slowly
        session.connection(execution_options={_READING: _SNAPSHOT})
        yield session


def read(statement: sa.Executable, parameters: Mapping[str, Any]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The rows of one statement that changes nothing, without a transaction around it.

    A statement sees one state of the database by itself. On PostgreSQL this saves two of the three round trips that
    `snapshot()` makes, and everywhere a session: for what every request reads.
    """
    with engine().connect() as connection:
        if connection.dialect.name == "sqlite":
            connection = connection.execution_options(**{_READING: _ONE_STATEMENT})
        else:
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        return connection.execute(statement, parameters).all()


def is_reachable() -> bool:
    """Whether the database answers a trivial query now."""
    try:
        with snapshot() as session:
            session.connection().execute(sa.text("SELECT 1"))
    except (OperationalError, OSError):
        return False
    return True
