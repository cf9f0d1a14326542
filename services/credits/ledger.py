"""The ledger's movements. Each takes the caller's session, locks the account once, and never commits.

Call them late in a transaction: the account stays locked until it ends. Amounts are whole credits. `key` makes a
movement idempotent within its account: a repeat returns the first outcome, one with another amount raises `Conflict`.
"""

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.ids import new_id
from db.models import CreditHold, CreditHoldLot, UserNotification
from services.credits import account as accounts
from services.credits import lots
from services.credits.account import ACCOUNTS, AVAILABLE, EARNED, GRANTED, HELD, LAPSED, LockedAccount, Movement
from services.credits.errors import InsufficientCredits
from services.credits.lots import LOTS, Part
from services.errors import Conflict, Invalid, NotFound

WELCOME_CREDITS = 10
LOW_CREDITS = 3

HOLDS = cast(sa.Table, CreditHold.__table__)  # type: ignore[attr-defined]
HOLD_LOTS = cast(sa.Table, CreditHoldLot.__table__)  # type: ignore[attr-defined]
NOTIFICATIONS = cast(sa.Table, UserNotification.__table__)  # type: ignore[attr-defined]

_OWNER = sa.select(HOLDS.c.user_id).where(HOLDS.c.id == sa.bindparam("hold_id"))
_HOLD_WITH_PARTS = (
    sa.select(
        HOLDS.c.job_id,
        HOLDS.c.amount,
        HOLDS.c.captured,
        HOLDS.c.refunded,
        HOLDS.c.state,
        HOLD_LOTS.c.lot_id,
        HOLD_LOTS.c.amount.label("part"),
        LOTS.c.lapses_at,
    )
    .select_from(HOLDS.outerjoin(HOLD_LOTS, HOLD_LOTS.c.hold_id == HOLDS.c.id).outerjoin(LOTS))
    .where(HOLDS.c.id == sa.bindparam("hold_id"))
    .order_by(LOTS.c.lapses_at.asc().nulls_last(), LOTS.c.id)
)
_RESOLVE = (
    sa.update(HOLDS)
    .where(HOLDS.c.id == sa.bindparam("hold_id"))
    .values(state=sa.bindparam("new_state"), captured=sa.bindparam("new_captured"), resolved_at=sa.bindparam("at"))
)
_REFUND = (
    sa.update(HOLDS)
    .where(HOLDS.c.id == sa.bindparam("hold_id"))
    .values(refunded=HOLDS.c.refunded + sa.bindparam("more"))
)


def open_account(session: Session, user_id: str) -> None:
    """Open the person's account with 10 welcome credits. Call once, in the transaction that makes the person."""
    session.flush()
    row = dict.fromkeys(("available", "held", "movements"), 0) | {"daily_granted_on": "", "low_warned_on": ""}
    session.connection().execute(sa.insert(ACCOUNTS), {"user_id": user_id, **row})
    grant(
        session, user_id, WELCOME_CREDITS, source="welcome", key="welcome", actor="system", reason="Welcome to Vitrine"
    )


def grant(
    session: Session,
    user_id: str,
    amount: int,
    *,
    source: str,
    key: str,
    actor: str,
    reason: str = "",
    lapses_at: datetime | None = None,
    payment_id: str | None = None,
) -> str:
    """Give credits that lapse at `lapses_at` (never, if None); the ledger transaction's id. Debt is paid first."""
    if amount <= 0:
        raise Invalid("Give at least one credit.")
    account = accounts.lock(session, user_id)
    movement = Movement("grant", amount, key, actor, reason or f"{source.capitalize()} credits", payment_id=payment_id)
    return _add(account, movement, source, {AVAILABLE: amount, GRANTED: -amount}, lapses_at)


def hold(session: Session, user_id: str, amount: int, *, key: str, job_id: str | None = None, actor: str) -> str:
    """Set `amount` credits aside (0 is allowed) and return the hold's id. The day's free credits count.

    Raises `InsufficientCredits` when fewer are available.
    """
    if amount < 0:
        raise Invalid("A price cannot be negative.")
    account = accounts.lock(session, user_id)
    open_lots = lots.touch(account)
    movement = Movement("hold", amount, key, actor, hold_id=new_id("hld"), job_id=job_id)
    if amount > max(account.available, 0):
        account.save()
        if (first := account.first(movement)) is None:
            raise InsufficientCredits(amount, account.available)
        return str(first.hold_id)
    if account.record(movement, {AVAILABLE: -amount, HELD: amount}) is None:
        account.save()
        return str(account.repeated(movement).hold_id)
    _insert_hold(account, movement, lots.select(open_lots, amount))
    if amount and account.available < LOW_CREDITS and account.low_warned_on < account.today:
        _warn_low(account)
    account.save()
    return str(movement.hold_id)


def capture(session: Session, hold_id: str, amount: int | None = None, *, actor: str = "system") -> int:
    """Charge a hold, whole or in part, and put the rest back in the same movement; the credits charged.

    A repeat returns what was charged. Raises `Conflict` when the hold was released or charged another amount,
    `Invalid` when `amount` is not within the hold.
    """
    return _resolve(session, hold_id, "captured", amount, actor)


def release(session: Session, hold_id: str, *, actor: str = "system") -> int:
    """Put a hold back into the lots it came from, or lapse what came from lots that have lapsed; the credits let go.

    A repeat returns the same. Raises `Conflict` when the hold was captured.
    """
    return _resolve(session, hold_id, "released", 0, actor)


def refund(session: Session, hold_id: str, amount: int, *, key: str, actor: str, reason: str) -> str:
    """Give back `amount` of what a hold charged, as credits that do not lapse; the ledger transaction's id.

    Raises `Conflict` when that is more than was charged and not yet given back.
    """
    if amount <= 0:
        raise Invalid("Refund at least one credit.")
    account = _lock_by_hold(session, hold_id)
    row = account.connection.execute(_HOLD_WITH_PARTS, {"hold_id": hold_id}).first()
    assert row is not None
    movement = Movement("refund", amount, key, actor, reason, hold_id=hold_id, job_id=row.job_id)
    if first := account.first(movement):
        return first.id
    if amount > row.captured - row.refunded:
        left = row.captured - row.refunded
        raise Conflict(f"Only {left} of the credits charged can still be refunded.")
    account.connection.execute(_REFUND, {"hold_id": hold_id, "more": amount})
    return _add(account, movement, "refund", {AVAILABLE: amount, EARNED: -amount})


def adjust(session: Session, user_id: str, amount: int, *, key: str, actor: str, reason: str) -> str:
    """Staff add credits, or take them (`amount` < 0), below zero if they mean to; the ledger transaction's id."""
    if amount == 0:
        raise Invalid("Enter how many credits to add or take.")
    if not reason.strip():
        raise Invalid("Say why: the reason is shown in the account's history.")
    account = accounts.lock(session, user_id)
    movement = Movement("adjust", amount, key, actor, reason.strip())
    postings = {AVAILABLE: amount, GRANTED: -amount}
    if amount > 0:
        return _add(account, movement, "admin", postings)
    taken = lots.select(lots.touch(account), -amount)
    transaction_id = account.record(movement, postings)
    if transaction_id is None:
        account.save()
        return account.repeated(movement).id
    lots.change(account.connection, [(part.lot_id, -part.amount) for part in taken])
    account.save()
    return transaction_id


def _add(
    account: LockedAccount,
    movement: Movement,
    source: str,
    postings: dict[str, int],
    lapses_at: datetime | None = None,
) -> str:
    """Record a movement that brings credits, as a new lot."""
    debt = account.debt
    transaction_id = account.record(movement, postings)
    if transaction_id is None:
        return account.repeated(movement).id
    lots.add(account, source, movement.amount, lapses_at, debt=debt)
    account.save()
    return transaction_id


def _insert_hold(account: LockedAccount, movement: Movement, parts: list[Part]) -> None:
    """Write the hold, and which lots it took from."""
    account.connection.execute(
        sa.insert(HOLDS),
        {
            "id": movement.hold_id,
            "user_id": account.user_id,
            "job_id": movement.job_id,
            "amount": movement.amount,
            "captured": 0,
            "refunded": 0,
            "state": "held",
            "created_at": account.at,
        },
    )
    if parts:
        rows = [{"hold_id": movement.hold_id, "lot_id": part.lot_id, "amount": part.amount} for part in parts]
        account.connection.execute(sa.insert(HOLD_LOTS), rows)
        lots.change(account.connection, [(part.lot_id, -part.amount) for part in parts])


def _lock_by_hold(session: Session, hold_id: str) -> LockedAccount:
    """Lock the account a hold is on. The hold is read after that: its state may change until the lock is ours."""
    session.flush()
    user_id = session.connection().execute(_OWNER, {"hold_id": hold_id}).scalar()
    if user_id is None:
        raise NotFound("There is no such hold.")
    return accounts.lock(session, user_id)


def _resolve(session: Session, hold_id: str, state: str, charged: int | None, actor: str) -> int:
    account = _lock_by_hold(session, hold_id)
    rows = account.connection.execute(_HOLD_WITH_PARTS, {"hold_id": hold_id}).all()
    current = rows[0]
    charged = current.amount if charged is None and current.state == "held" else charged
    if current.state != "held":
        if current.state != state or charged not in (None, current.captured):
            raise Conflict("These credits were settled in another way already.")
        return int(current.captured if state == "captured" else current.amount)
    assert charged is not None
    if not 0 <= charged <= current.amount:
        raise Invalid(f"Between 0 and {current.amount} credits can be charged.")

    parts = [Part(row.lot_id, row.part, row.lapses_at) for row in rows if row.lot_id is not None]
    rest = _rest(parts, charged)
    lapsed = sum(part.amount for part in rest if lots.is_due(part.lapses_at, account.at))
    back = current.amount - charged - lapsed
    debt = account.debt
    movement = Movement(
        kind="capture" if state == "captured" else "release",
        amount=charged if state == "captured" else current.amount,
        key=f"resolve:{hold_id}",
        actor=actor,
        hold_id=hold_id,
        job_id=current.job_id,
    )
    account.record(movement, {HELD: -current.amount, EARNED: charged, AVAILABLE: back, LAPSED: lapsed})
    account.connection.execute(
        _RESOLVE, {"hold_id": hold_id, "new_state": state, "new_captured": charged, "at": account.at}
    )
    alive = [part for part in rest if not lots.is_due(part.lapses_at, account.at)]
    lots.change(account.connection, [(part.lot_id, part.amount) for part in _rest(alive, min(debt, back))])
    account.save()
    return int(charged if state == "captured" else current.amount)


def _rest(parts: list[Part], spent: int) -> list[Part]:
    """What is left of `parts` after spending `spent` credits of them, soonest to lapse first."""
    rest = []
    for part in parts:
        taken = min(part.amount, spent)
        spent -= taken
        if part.amount > taken:
            rest.append(Part(part.lot_id, part.amount - taken, part.lapses_at))
    return rest


def _warn_low(account: LockedAccount) -> None:
    """Tell the person, once a day, that few credits are left."""
    left = {0: "no credits", 1: "1 credit"}.get(account.available, f"{account.available} credits")
    account.connection.execute(
        sa.insert(NOTIFICATIONS),
        {
            "id": new_id("ntf"),
            "user_id": account.user_id,
            "kind": "credits.low",
            "message": f"You have {left} left. Buy credits to keep going, or wait for tomorrow's free ones.",
            "created_at": account.at,
        },
    )
    account.low_warned_on = account.today
