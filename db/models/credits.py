"""The double-entry ledger of credits, the lots that decide what is spent first, and prices."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import UtcDateTime


class CreditAccount(SQLModel, table=True):
    """A person's balance, cached: what `ledger_postings` add up to. Locking this row serialises the account."""

    __tablename__ = "credit_accounts"

    user_id: str = Field(primary_key=True, foreign_key="users.id")
    available: int = 0
    held: int = Field(default=0, ge=0)
    movements: int = 0  # how many ledger transactions there are: the `sequence` of the newest
    daily_granted_on: str = ""  # UTC date, ISO, of the last daily grant
    low_warned_on: str = ""  # UTC date, ISO, of the last warning that credits run low


class LedgerTransaction(SQLModel, table=True):
    """One movement: its postings sum to zero. `idempotency_key` makes a repeat a no-op.

    `amount` is what was asked for; `sequence` counts an account's movements from 1 without a gap, so that their order
    and the balances after each do not depend on any clock.
    """

    __tablename__ = "ledger_transactions"
    __table_args__ = (sa.UniqueConstraint("user_id", "sequence"),)

    id: str = Field(default_factory=lambda: new_id("ltx"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    sequence: int
    kind: str
    idempotency_key: str = Field(unique=True)
    actor: str
    reason: str = ""
    hold_id: str | None = Field(default=None, index=True)
    job_id: str | None = Field(default=None, index=True)
    payment_id: str | None = Field(default=None, index=True)
    amount: int
    available_after: int
    held_after: int
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)


class LedgerPosting(SQLModel, table=True):
    """One leg of a movement, in credits. `account` is user:available, user:held or platform:granted|earned|lapsed."""

    __tablename__ = "ledger_postings"
    __table_args__ = (sa.Index("ix_ledger_postings_user_account", "user_id", "account"),)

    transaction_id: str = Field(primary_key=True, foreign_key="ledger_transactions.id")
    account: str = Field(primary_key=True)
    user_id: str
    amount: int


class CreditLot(SQLModel, table=True):
    """Credits that came together: where from, how many are left unspent, when they lapse (never, if null)."""

    __tablename__ = "credit_lots"
    __table_args__ = (
        sa.Index(
            "ix_credit_lots_open",
            "user_id",
            postgresql_where=sa.text("remaining > 0"),
            sqlite_where=sa.text("remaining > 0"),
        ),
        sa.Index(
            "ix_credit_lots_lapsing",
            "lapses_at",
            postgresql_where=sa.text("remaining > 0 AND lapses_at IS NOT NULL"),
            sqlite_where=sa.text("remaining > 0 AND lapses_at IS NOT NULL"),
        ),
        sa.CheckConstraint("remaining >= 0", name="remaining_not_negative"),
    )

    id: str = Field(default_factory=lambda: new_id("lot"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    source: str
    granted: int
    remaining: int
    lapses_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)


class CreditHold(SQLModel, table=True):
    """Credits set aside for one run of one job; resolved once, by capture (whole or part) or release."""

    __tablename__ = "credit_holds"
    __table_args__ = (
        sa.Index(
            "ix_credit_holds_open",
            "user_id",
            postgresql_where=sa.text("state = 'held'"),
            sqlite_where=sa.text("state = 'held'"),
        ),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("0 <= refunded AND refunded <= captured AND captured <= amount", name="within_amount"),
    )

    id: str = Field(default_factory=lambda: new_id("hld"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    job_id: str | None = Field(default=None, index=True)
    amount: int
    captured: int = 0
    refunded: int = 0
    state: str = "held"
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CreditHoldLot(SQLModel, table=True):
    """How much of a hold came out of which lot, so that a release can put it back."""

    __tablename__ = "credit_hold_lots"

    hold_id: str = Field(primary_key=True, foreign_key="credit_holds.id")
    lot_id: str = Field(primary_key=True, foreign_key="credit_lots.id")
    amount: int


class OperationPrice(SQLModel, table=True):
    """A price staff changed: credits a picture. An operation without a row costs what the catalogue says."""

    __tablename__ = "operation_prices"

    operation: str = Field(primary_key=True)
    credits: int
