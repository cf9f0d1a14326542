"""What was written in the ledger stays as it was written, whoever holds the connection."""

import pytest
import sqlalchemy as sa

import db
from services.credits import verify_ledger
from services.credits.tables import POSTINGS, TRANSACTIONS
from tests.support.credit_accounts import open_person

pytestmark = pytest.mark.usefixtures("vitrine", "noon")

DEEDS = [
    "UPDATE ledger_transactions SET amount = amount + 1",
    "UPDATE ledger_transactions SET reason = 'something else' WHERE kind = 'grant'",
    "DELETE FROM ledger_transactions",
    "UPDATE ledger_postings SET amount = 0",
    "DELETE FROM ledger_postings",
]


def _everything() -> list[tuple[object, ...]]:
    with db.snapshot() as session:
        return [tuple(row) for table in (TRANSACTIONS, POSTINGS) for row in session.execute(sa.select(table))]


@pytest.mark.parametrize("deed", DEEDS)
def test_the_database_refuses_to_change_or_remove_what_is_in_the_ledger(deed: str) -> None:
    open_person()
    before = _everything()
    assert before

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.transaction() as session:
        session.execute(sa.text(deed))

    assert _everything() == before
    assert verify_ledger() == []


def test_it_cannot_be_emptied_in_the_databases_own_way_either() -> None:
    open_person()
    fast = db.engine().dialect.name == "postgresql"
    deed = "TRUNCATE ledger_transactions CASCADE" if fast else "DELETE FROM ledger_transactions"
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.transaction() as session:
        session.execute(sa.text(deed))
    assert _everything()
