"""The migrations and the models describe the same database, on both engines."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import db
from config import Settings
from db.migrations.runner import configuration, upgrade
from db.models import metadata


@pytest.mark.usefixtures("vitrine")
def test_the_migrated_schema_has_every_table_and_column_of_the_models() -> None:
    with db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = compare_metadata(context, metadata)
    assert [found for found in differences if not _is_the_engines(found)] == []


def _is_the_engines(difference: Any) -> bool:
    """On SQLite the engine's own tables, which no model describes, are in the same file."""
    kind, what = difference[:2] if isinstance(difference, tuple) else (None, None)
    table = what if kind == "remove_table" else getattr(what, "table", None)
    return table is not None and str(kind).startswith("remove_") and table.name not in metadata.tables


@pytest.mark.usefixtures("vitrine")
def test_migrating_twice_changes_nothing() -> None:
    before = sorted(sa.inspect(db.engine()).get_table_names())
    upgrade()
    assert sorted(sa.inspect(db.engine()).get_table_names()) == before


@pytest.mark.usefixtures("vitrine")
def test_migrations_go_all_the_way_down_and_up_again() -> None:
    setup = configuration()
    with db.engine().begin() as connection:
        setup.attributes["connection"] = connection
        command.downgrade(setup, "base")
    assert not set(sa.inspect(db.engine()).get_table_names()) & set(metadata.tables)
    upgrade()
    assert set(metadata.tables) <= set(sa.inspect(db.engine()).get_table_names())


def test_sqlite_writers_begin_at_once_and_readers_do_not_wait(vitrine_sqlite: Settings) -> None:
    del vitrine_sqlite
    with db.transaction() as writer:
        writer.connection().execute(sa.text("UPDATE users SET name = 'x'"))
        with db.snapshot() as reader:
            assert reader.connection().execute(sa.text("SELECT count(*) FROM users")).scalar() == 0
