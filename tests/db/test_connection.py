"""What a database does for us when one of our processes stands still."""

import sqlalchemy as sa

import config
import db
from config import Settings
from db.connection import IDLE_IN_TRANSACTION_SECONDS, is_reachable, make_engine


def test_postgresql_ends_a_transaction_whose_process_is_frozen(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    with engine.connect() as connection:
        limit = connection.execute(sa.text("SHOW idle_in_transaction_session_timeout")).scalar()
    engine.dispose()
    assert limit == f"{IDLE_IN_TRANSACTION_SECONDS}s"


def test_a_database_that_is_away_is_said_to_be_unreachable() -> None:
    config.configure(Settings(database_url="postgresql+psycopg://nobody@127.0.0.1:1/none", _env_file=None))  # type: ignore[call-arg]
    try:
        assert not is_reachable()
    finally:
        db.dispose()
        config.configure(None)
