"""Statements that SQLite and PostgreSQL both know and SQLAlchemy offers for each alone."""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def insert(session: Session, entity: Any) -> "postgresql.Insert | sqlite.Insert":
    """An INSERT that knows ON CONFLICT, for the database of this session."""
    return sqlite.insert(entity) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(entity)
