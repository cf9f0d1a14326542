"""What a database does for us when one of our processes stands still."""

from contextlib import suppress

import sqlalchemy as sa

import config
import db
from config import Settings
from db.connection import IDLE_IN_TRANSACTION_SECONDS, is_reachable, make_engine
from db.models import User


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


def test_a_single_read_sees_what_was_committed_and_leaves_its_connection_as_it_was(vitrine: Settings) -> None:
    del vitrine
    emails = sa.select(User.email).where(User.email != sa.bindparam("other"))  # type: ignore[call-overload]

    def add(email: str, *, fail: bool) -> None:
        with suppress(ZeroDivisionError), db.transaction() as session:  # on the connection that the read gave back
            session.add(User(email=email, email_key=email, name="Anna", password_hash="-"))
            session.flush()
            assert not fail or 1 / 0

    assert db.read(emails, {"other": "ben@example.com"}) == []
    add("anna@example.com", fail=False)
    assert [row.email for row in db.read(emails, {"other": "ben@example.com"})] == ["anna@example.com"]
    add("cleo@example.com", fail=True)
    assert [row.email for row in db.read(emails, {"other": "ben@example.com"})] == ["anna@example.com"]
