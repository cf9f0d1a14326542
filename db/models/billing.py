"""Money: payments for credits, and the events that the payment gateway sent, kept as they came."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import Json, UtcDateTime


class PaymentStatus(StrEnum):
    OPEN = "open"  # a checkout session was made; nobody has paid yet
    SUCCEEDED = "succeeded"
    EXPIRED = "expired"  # the checkout session ended unpaid
    REFUNDED = "refunded"  # in full; a part leaves it succeeded with `amount_refunded` > 0
    DISPUTED = "disputed"  # the bank holds the money back, or gave it back to the cardholder for good


class Payment(SQLModel, table=True):
    """One purchase of credits, from its checkout session on. Amounts in minor units of `currency`.

    `gateway` "test" is the simulated checkout. `credits_reversed` counts the credits that refunds and disputes took
    back. `failure` says why the last attempt to pay failed; `request_key` makes a repeated request one payment.
    """

    __tablename__ = "payments"
    __table_args__ = (
        sa.Index("ix_payments_user", "user_id", "id"),
        sa.Index("ix_payments_paid", "paid_at"),
        sa.UniqueConstraint("user_id", "request_key", name="uq_payments_request"),
        sa.CheckConstraint("0 <= amount_refunded AND amount_refunded <= amount", name="refund_within_amount"),
        sa.CheckConstraint("0 <= credits_reversed AND credits_reversed <= credits", name="reversal_within_credits"),
    )

    id: str = Field(default_factory=lambda: new_id("pay"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    offer: str  # "pack_200", "plan_2100" or "custom"
    credits: int
    amount: int
    currency: str = "usd"
    status: str = PaymentStatus.OPEN
    amount_refunded: int = 0
    credits_reversed: int = 0
    gateway: str  # "stripe" or "test"
    checkout_session_id: str | None = Field(default=None, unique=True)
    payment_intent_id: str | None = Field(default=None, unique=True)
    checkout_url: str | None = None
    success_url: str = ""
    cancel_url: str = ""
    failure: str | None = None
    request_key: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # set by every update, so that the roll-ups see a refund of last month's payment
    updated_at: datetime = Field(
        default_factory=now, sa_type=UtcDateTime, sa_column_kwargs={"onupdate": now}, index=True
    )

    @property
    def is_under_way(self) -> bool:
        """Whether the person is through the payment page, which has closed, and the bank has yet to pay: it may take
        days."""
        return self.status == PaymentStatus.OPEN and self.checkout_session_id is not None and self.checkout_url is None


class PaymentDispute(SQLModel, table=True):
    """A bank's objection to a payment, under the gateway's id for it. `withdrawn` is what it keeps from us now, in
    minor units: all of it from the day it is opened, none once it is won. `as_of` is when that was so, by the
    gateway's clock, to the second: events come in any order, and an older one adds nothing."""

    __tablename__ = "payment_disputes"

    id: str = Field(primary_key=True)  # dp_…
    payment_id: str = Field(foreign_key="payments.id", index=True)
    withdrawn: int
    status: str
    closed: bool = False
    as_of: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: datetime = Field(
        default_factory=now, sa_type=UtcDateTime, sa_column_kwargs={"onupdate": now}, index=True
    )


class PaymentEvent(SQLModel, table=True):
    """A verified webhook event, stored once under the gateway's id for it. `applied_at` is set in the transaction that
    did what it says; `outcome` says in a word what that was."""

    __tablename__ = "payment_events"
    __table_args__ = (
        sa.Index(
            "ix_payment_events_waiting",
            "received_at",
            postgresql_where=sa.text("applied_at IS NULL"),
            sqlite_where=sa.text("applied_at IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)  # evt_…
    kind: str
    payment_id: str | None = Field(default=None, index=True)  # whom it was found to be about
    payment_intent_id: str | None = Field(default=None, index=True)
    payload: dict[str, Any] = Field(sa_type=Json)
    received_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str = ""
