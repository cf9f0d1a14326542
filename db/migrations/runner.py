"""Bring a database to the newest schema, from any process, at most one at a time."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from db.connection import engine

_ADVISORY_LOCK = 0x71725E  # one number all migrating processes agree on


def configuration() -> Config:
    """Alembic's configuration, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    return config


def upgrade(revision: str = "head") -> None:
    """Run the migrations that are missing; processes that start together wait for the first one."""
    config = configuration()
    with engine().begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
