"""Statements of the ledger in one round trip: while the account is locked, every wait for the server counts.

On PostgreSQL they go to the driver in its pipeline mode, past SQLAlchemy, whose cursors cannot wait for an answer; on
SQLite, which has no server, one after the other. Parameters are plain values: no column type converts them.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache, lru_cache
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects import postgresql

Row = Mapping[str, Any]
Statement = tuple[sa.ClauseElement, Row | Sequence[Row]]
"""A statement with its parameters. An INSERT may have a sequence of rows, which go in one statement."""

_PARAMETER = re.compile(r"%\((\w+)\)s")
_DIALECT: Any = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]


def read(connection: sa.Connection, *statements: Statement) -> list[Sequence[Any]]:
    """The rows of each statement, their columns by name. Each sees what was committed when its turn came."""
    if connection.dialect.name != "postgresql":
        return [connection.execute(statement, parameters).all() for statement, parameters in statements]  # type: ignore[call-overload]
    driver = _driver(connection)
    cursors = [driver.cursor(row_factory=namedtuple_row) for _ in statements]
    try:
        with driver.pipeline() if len(statements) > 1 else nullcontext():
            for cursor, (statement, parameters) in zip(cursors, statements, strict=True):
                cursor.execute(*_as_sent(statement, parameters))
        return [cursor.fetchall() for cursor in cursors]
    except psycopg.Error as error:
        raise _as_sqlalchemy(error, connection) from error


def write(connection: sa.Connection, statements: Sequence[Statement]) -> None:
    """Run the statements in order."""
    if connection.dialect.name != "postgresql":
        for statement, parameters in statements:
            connection.execute(statement, parameters)  # type: ignore[call-overload]
        return
    driver = _driver(connection)
    try:
        with driver.pipeline(), driver.cursor() as cursor:
            for statement, parameters in statements:
                cursor.execute(*_as_sent(statement, parameters))
    except psycopg.Error as error:
        raise _as_sqlalchemy(error, connection) from error


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _as_sent(statement: sa.ClauseElement, parameters: Row | Sequence[Row]) -> tuple[str, Row]:
    if isinstance(parameters, Mapping):
        return _text(statement, tuple(parameters)), parameters
    flat = {f"{name}_{number}": value for number, row in enumerate(parameters) for name, value in row.items()}
    return _text_of_rows(statement, tuple(parameters[0]), len(parameters)), flat


@lru_cache(maxsize=64)
def _text_of_rows(statement: sa.ClauseElement, names: tuple[str, ...], count: int) -> str:
    """The INSERT of one row with `count` rows of values, the parameters of each numbered."""
    head, _, rest = _text(statement, names).partition(" VALUES ")
    values, conflict, tail = rest.partition(" ON CONFLICT ")
    rows = ", ".join(_PARAMETER.sub(rf"%(\g<1>_{number})s", values) for number in range(count))
    return f"{head} VALUES {rows}{conflict}{tail}"


@cache
def _text(statement: sa.ClauseElement, names: tuple[str, ...]) -> str:
    """The statement as the driver takes it. Statements are constants of their modules: each comes here once."""
    writes = isinstance(statement, sa.Insert | sa.Update)
    return str(statement.compile(dialect=_DIALECT, column_keys=list(names) if writes else None))


def _as_sqlalchemy(error: psycopg.Error, connection: sa.Connection) -> sa.exc.DBAPIError:
    return sa.exc.DBAPIError.instance(  # type: ignore[return-value]
        None, None, error, psycopg.Error, dialect=connection.dialect
    )
