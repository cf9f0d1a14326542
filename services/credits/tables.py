"""The ledger's tables as SQLAlchemy Core sees them: it writes rows by statement, without the cost of mapped objects."""

from typing import cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from db.models import (
    CreditAccount,
    CreditHold,
    CreditHoldLot,
    CreditLot,
    LedgerPosting,
    LedgerTransaction,
)


def _table(model: type[SQLModel]) -> sa.Table:
    return cast(sa.Table, model.__table__)  # type: ignore[attr-defined]


ACCOUNTS = _table(CreditAccount)
TRANSACTIONS = _table(LedgerTransaction)
POSTINGS = _table(LedgerPosting)
LOTS = _table(CreditLot)
HOLDS = _table(CreditHold)
HOLD_LOTS = _table(CreditHoldLot)
