"""What happened on an account: every movement with the balance after it, newest first."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.connection import snapshot
from services.accounts.actor import Actor
from services.credits.account import AVAILABLE
from services.credits.tables import POSTINGS, TRANSACTIONS
from services.errors import FieldError, Invalid

KINDS = ("grant", "hold", "capture", "release", "refund", "adjust", "lapse")
_CSV_HEADER = ("id", "time", "type", "amount", "change", "balance", "held", "reason", "job", "payment")


@dataclass(frozen=True)
class TransactionView:
    """One movement, in credits: `amount` is its size, `change` what it did to `available_after`.

    A hold of 5 has amount 5 and change -5; the capture of 4 of it amount 4 and change +1.
    """

    id: str
    kind: str
    amount: int
    change: int
    available_after: int
    held_after: int
    reason: str
    job_id: str | None
    payment_id: str | None
    created_at: datetime


@dataclass(frozen=True)
class TransactionPage:
    """Some movements, newest first, and whether older ones follow."""

    data: tuple[TransactionView, ...]
    has_more: bool


def transactions(
    actor: Actor,
    *,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
    starting_after: str | None = None,
) -> TransactionPage:
    """A page of the actor's movements from `since` up to before `until`, after the one with id `starting_after`.

    Movements of free work (0 credits) are left out. Raises `Invalid` for an unknown kind, limit or id.
    """
    if not 1 <= limit <= 100:
        raise _invalid("limit", "Ask for 1 to 100 at a time.")
    with snapshot() as session:
        query = _query(actor, kind, since, until)
        if starting_after is not None:
            query = query.where(TRANSACTIONS.c.sequence < _sequence_of(session, actor, starting_after))
        rows = [TransactionView(*row) for row in session.connection().execute(query.limit(limit + 1))]
    return TransactionPage(tuple(rows[:limit]), has_more=len(rows) > limit)


def transactions_csv(
    actor: Actor, *, kind: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> str:
    """All of the actor's movements as CSV with a header line; times are UTC."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_CSV_HEADER)
    with snapshot() as session:
        writer.writerows(_csv_rows(session, _query(actor, kind, since, until)))
    return out.getvalue()


def _csv_rows(session: Session, query: sa.Select[Any]) -> Iterator[tuple[object, ...]]:
    for row in session.connection().execute(query):
        view = TransactionView(*row)
        yield (
            view.id,
            view.created_at.isoformat(timespec="seconds"),
            view.kind,
            view.amount,
            view.change,
            view.available_after,
            view.held_after,
            _harmless(view.reason),
            view.job_id or "",
            view.payment_id or "",
        )


def _harmless(text: str) -> str:
    """Spreadsheets run a cell that starts like a formula; a quote in front makes it text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _query(actor: Actor, kind: str | None, since: datetime | None, until: datetime | None) -> sa.Select[Any]:
    if kind is not None and kind not in KINDS:
        raise _invalid("kind", f"Choose one of {', '.join(KINDS)}.")
    change = sa.func.coalesce(POSTINGS.c.amount, 0)
    on_available = sa.and_(POSTINGS.c.transaction_id == TRANSACTIONS.c.id, POSTINGS.c.account == AVAILABLE)
    columns = TRANSACTIONS.c
    query = (
        sa.select(
            columns.id,
            columns.kind,
            columns.amount,
            change,
            columns.available_after,
            columns.held_after,
            columns.reason,
            columns.job_id,
            columns.payment_id,
            columns.created_at,
        )
        .select_from(TRANSACTIONS.outerjoin(POSTINGS, on_available))
        .where(columns.user_id == actor.id, sa.or_(columns.amount != 0, POSTINGS.c.amount.is_not(None)))
        .order_by(columns.sequence.desc())
    )
    if kind is not None:
        query = query.where(columns.kind == kind)
    if since is not None:
        query = query.where(columns.created_at >= since)
    if until is not None:
        query = query.where(columns.created_at < until)
    return query


def _sequence_of(session: Session, actor: Actor, transaction_id: str) -> int:
    found = session.connection().execute(
        sa.select(TRANSACTIONS.c.sequence).where(
            TRANSACTIONS.c.id == transaction_id, TRANSACTIONS.c.user_id == actor.id
        )
    )
    sequence = found.scalar()
    if sequence is None:
        raise _invalid("starting_after", "This is not one of your transactions.")
    return int(sequence)


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, errors=(FieldError(field, message),))
