"""A person's payments, as they and their receipts see them."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

import db
from db.models import Payment, PaymentDispute, PaymentStatus
from services.accounts.actor import Actor
from services.billing.formatting import format_credits
from services.billing.gateway.simulated import SIMULATED
from services.cursors import newest
from services.errors import NotFound


@dataclass(frozen=True)
class PaymentView:
    """One purchase. Amounts in minor units of `currency`; `checkout_url` is where it can still be paid.

    `is_test` marks a simulated one, for which nobody paid; `is_under_way` one that the bank is still carrying out, for
    days. `failure` says why the last attempt failed, `dispute` how the bank's objection stands: "won", "lost" or open.
    """

    id: str
    offer: str
    name: str
    credits: int
    credits_reversed: int
    amount: int
    amount_refunded: int
    currency: str
    status: PaymentStatus
    is_test: bool
    is_under_way: bool
    checkout_url: str | None
    success_url: str
    cancel_url: str
    failure: str | None
    dispute: str | None
    created_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True)
class PaymentPage:
    """A page of payments, newest first."""

    items: tuple[PaymentView, ...]
    has_more: bool


_LAST_DISPUTE = (
    select(PaymentDispute.status)
    .where(PaymentDispute.payment_id == Payment.id)
    .order_by(col(PaymentDispute.as_of).desc())
    .limit(1)
    .correlate(Payment)
    .scalar_subquery()
)
_OF = sa.select(Payment, _LAST_DISPUTE)


def list_payments(actor: Actor, *, limit: int = 20, starting_after: str | None = None) -> PaymentPage:
    """The person's payments, newest first, those after the id `starting_after`. Raises `Invalid` for another's."""
    actor.require_scope("read")
    query = _OF.where(col(Payment.user_id) == actor.id)
    with db.snapshot() as session:
        query = newest(Payment).rest_of(session, actor, query, starting_after, "payment")
        rows = session.execute(query.limit(limit + 1)).all()
    return PaymentPage(tuple(_view(*row) for row in rows[:limit]), len(rows) > limit)


def get_payment(actor: Actor, payment_id: str) -> PaymentView:
    """One of the person's payments. Raises `NotFound`."""
    actor.require_scope("read")
    with db.snapshot() as session:
        row = session.execute(_OF.where(col(Payment.id) == payment_id, col(Payment.user_id) == actor.id)).first()
    if row is None:
        raise NotFound
    return _view(*row)


def _view(row: Payment, dispute: str | None) -> PaymentView:
    return PaymentView(
        id=row.id,
        offer=row.offer,
        name=format_credits(row.credits),
        credits=row.credits,
        credits_reversed=row.credits_reversed,
        amount=row.amount,
        amount_refunded=row.amount_refunded,
        currency=row.currency,
        status=PaymentStatus(row.status),
        is_test=row.gateway == SIMULATED,
        is_under_way=row.is_under_way,
        checkout_url=row.checkout_url if row.status == PaymentStatus.OPEN else None,
        success_url=row.success_url,
        cancel_url=row.cancel_url,
        failure=row.failure,
        dispute=dispute,
        created_at=row.created_at,
        paid_at=row.paid_at,
    )
