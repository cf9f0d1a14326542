"""Statements that SQLite and PostgreSQL both know and SQLAlchemy offers for each alone."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert(session: Session, entity: Any) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that knows ON CONFLICT, for the database of this session."""
    return insert_for(session.get_bind().dialect.name, entity)


def insert_for(dialect: str, entity: Any) -> "postgresql.Insert | sqlite.Insert":
    """The same for a dialect by name."""
    return sqlite.insert(entity) if dialect == "sqlite" else postgresql.insert(entity)
