"""What an account holds now, and staff's way to change it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.clock import now
from db.connection import snapshot, transaction
from services import events
from services.accounts.actor import Actor
from services.accounts.event_types import StaffActed
from services.accounts.permissions import Permission
from services.credits import ledger, lots
from services.credits.tables import ACCOUNTS, LOTS
from services.errors import NotFound

_BALANCE = (  # one statement, so that the lots are those of that very balance
    sa.select(
        ACCOUNTS.c.available,
        ACCOUNTS.c.held,
        ACCOUNTS.c.daily_granted_on,
        LOTS.c.source,
        LOTS.c.remaining,
        LOTS.c.lapses_at,
    )
    .select_from(ACCOUNTS.outerjoin(LOTS, sa.and_(LOTS.c.user_id == ACCOUNTS.c.user_id, LOTS.c.remaining > 0)))
    .where(ACCOUNTS.c.user_id == sa.bindparam("user_id"))
    .order_by(LOTS.c.lapses_at.asc().nulls_last(), LOTS.c.id)
)


@dataclass(frozen=True)
class LotView:
    """Credits that came together: where from, how many are left, when they lapse (never, if None)."""

    source: str
    remaining: int
    lapses_at: datetime | None


@dataclass(frozen=True)
class Balance:
    """Credits of one account. `available` is below zero only where staff meant it; `lots` are in spending order."""

    available: int
    held: int
    daily_free_remaining: int
    lots: tuple[LotView, ...]


def balance(actor: Actor) -> Balance:
    """The actor's credits, with the day's free ones granted and lapsed ones gone.

    Reads only, unless something is due. Raises `NotFound` when the actor has no account.
    """
    with snapshot() as session:
        current, is_settled = _read(session, actor.id)
    if is_settled:
        return current
    with transaction() as session:
        account, open_lots = lots.lock(session, actor.id)
        lots.bring_up_to_date(account, open_lots)
        account.save()
        current, _ = _read(session, actor.id)
    return current


def adjust_user(actor: Actor, user_id: str, amount: int, reason: str, key: str) -> Balance:
    """Staff add credits to someone's account, or take them; that account's balance after.

    Raises `Forbidden` for anyone else, `NotFound` for no such person, `Invalid` without an amount or reason.
    """
    actor.require(Permission.ADJUST_CREDITS)
    actor.require_scope("admin")
    with transaction() as session:
        adjustment = ledger.adjust(session, user_id, amount, key=f"adjust:{key}", actor=actor.id, reason=reason)
        if adjustment.is_new:
            details = {"amount": amount, "reason": reason.strip()}
            acted = StaffActed(user_id=user_id, staff_id=actor.id, action="credits_adjusted", details=details)
            events.record(session, acted)
        current, _ = _read(session, user_id)
    return current


def _read(session: Session, user_id: str) -> tuple[Balance, bool]:
    """The balance as it stands, and whether nothing is due to be granted or lapsed."""
    rows = session.connection().execute(_BALANCE, {"user_id": user_id}).all()
    if not rows:
        raise NotFound("This person has no credit account.")
    at = now()
    views = tuple(LotView(row.source, row.remaining, row.lapses_at) for row in rows if row.source is not None)
    is_settled = rows[0].daily_granted_on >= at.date().isoformat() and not any(
        lots.is_due(view.lapses_at, at) for view in views
    )
    current = Balance(
        available=rows[0].available,
        held=rows[0].held,
        daily_free_remaining=sum(view.remaining for view in views if view.source == lots.DAILY),
        lots=views,
    )
    return current, is_settled
