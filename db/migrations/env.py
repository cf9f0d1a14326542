"""Alembic's entry point: runs the migrations over the connection `db.migrations.runner` hands it."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import AutoString

from db.connection import engine
from db.models import metadata
from db.types import Json, UtcDateTime

OURS = frozenset(metadata.tables)


def _ours_only(name: str | None, kind: str, _parents: object) -> bool:
    """The job engine keeps its own tables in the same database; they are not ours to migrate."""
    return kind != "table" or name in OURS


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types into a migration as plain SQLAlchemy, so that it never depends on today's code."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if item is Json:
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    if isinstance(item, sa.String | AutoString):
        return "sa.String()"
    return False


def _run() -> None:
    connection = context.config.attributes.get("connection")
    if connection is None:
        with engine().connect() as own:
            _migrate(own)
            own.commit()
    else:
        _migrate(connection)


def _migrate(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=metadata,
        include_name=_ours_only,
        render_item=_render,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run()
