"""Lots: credits that came together. They decide what is spent first, and what lapses when."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from db.ids import new_id
from services.credits import account as accounts
from services.credits.account import AVAILABLE, GRANTED, LAPSED, LockedAccount, Movement
from services.credits.tables import LOTS

DAILY_CREDITS = 3
DAILY = "daily"

_OPEN = (
    sa.select(LOTS.c.id, LOTS.c.source, LOTS.c.remaining, LOTS.c.lapses_at)
    .where(LOTS.c.user_id == sa.bindparam("user_id"), LOTS.c.remaining > sa.literal_column("0"))
    .order_by(LOTS.c.lapses_at.asc().nulls_last(), LOTS.c.id)
)
_OWNERS_OF_DUE = (
    sa.select(LOTS.c.user_id).distinct().where(LOTS.c.remaining > 0, LOTS.c.lapses_at <= sa.bindparam("at"))
)
_CHANGE = (
    sa.update(LOTS)
    .where(LOTS.c.id == sa.bindparam("lot_id"))
    .values(remaining=LOTS.c.remaining + sa.bindparam("change"))
)
_INSERT = sa.insert(LOTS)


@dataclass(frozen=True)
class Lot:
    """A lot with credits left."""

    id: str
    source: str
    remaining: int
    lapses_at: datetime | None


@dataclass(frozen=True)
class Part:
    """`amount` credits of one lot."""

    lot_id: str
    amount: int
    lapses_at: datetime | None = None


def end_of_day(at: datetime) -> datetime:
    """The midnight UTC that ends the day of `at`."""
    return datetime.combine(at.date() + timedelta(days=1), time(), tzinfo=at.tzinfo)


def is_due(lapses_at: datetime | None, at: datetime) -> bool:
    """Whether a lot that lapses at `lapses_at` has lapsed by `at`."""
    return lapses_at is not None and lapses_at <= at


def select(lots: Iterable[Lot], amount: int) -> list[Part]:
    """Take `amount` credits from `lots`, which come soonest to lapse first; less when they hold less."""
    return share_out(lots, [amount])[0]


def share_out(lots: Iterable[Lot], amounts: Iterable[int]) -> list[list[Part]]:
    """The same for one amount after the other: what is taken for one is gone for the next."""
    coming = iter(lots)
    lot = next(coming, None)
    left = lot.remaining if lot else 0
    shares = []
    for amount in amounts:
        parts: list[Part] = []
        while amount and lot:
            taken = min(left, amount)
            if taken:
                parts.append(Part(lot.id, taken))
            amount, left = amount - taken, left - taken
            if not left:
                lot = next(coming, None)
                left = lot.remaining if lot else 0
        shares.append(parts)
    return shares


def lock(session: Session, user_id: str) -> tuple[LockedAccount, list[Lot]]:
    """Lock the person's account; it and the lots with credits left, soonest to lapse first."""
    account, rows = accounts.lock_and_read(session, user_id, _OPEN)
    return account, [Lot(*row) for row in rows]


def owners_of_due(connection: sa.Connection, at: datetime) -> list[str]:
    """Whose lots have credits left that have lapsed by `at`."""
    return list(connection.execute(_OWNERS_OF_DUE, {"at": at}).scalars())


def change(account: LockedAccount, changes: Sequence[tuple[str, int]]) -> None:
    """Add credits to lots (or take them, when negative)."""
    total: Counter[str] = Counter()
    for lot_id, by in changes:
        total[lot_id] += by
    for lot_id, by in total.items():
        account.write(_CHANGE, {"lot_id": lot_id, "change": by})


def add(account: LockedAccount, source: str, amount: int, lapses_at: datetime | None, *, debt: int) -> Lot:
    """A new lot of `amount` credits; what the account owed (`debt`, before they came) is paid out of it first."""
    lot = Lot(new_id("lot"), source, amount - min(amount, debt), lapses_at)
    account.write(
        _INSERT,
        {
            "id": lot.id,
            "user_id": account.user_id,
            "source": source,
            "granted": amount,
            "remaining": lot.remaining,
            "lapses_at": lapses_at,
            "created_at": account.at,
        },
    )
    return lot


def lapse(account: LockedAccount, lots: Sequence[Lot]) -> list[Lot]:
    """Lapse the lots whose time has come; the others.

    The key carries the account's sequence, not the lot alone: a clock a little behind may still put credits back into a
    lot that a clock ahead has lapsed, and those must lapse too. Under the lock no repeat is possible.
    """
    due = [lot for lot in lots if is_due(lot.lapses_at, account.at)]
    for lot in due:
        movement = Movement(
            kind="lapse",
            amount=lot.remaining,
            key=f"lapse:{lot.id}:{account.movements + 1}",
            actor="system",
            reason=f"Unused {lot.source} credits lapsed",
        )
        account.record(movement, {AVAILABLE: -lot.remaining, LAPSED: lot.remaining})
    change(account, [(lot.id, -lot.remaining) for lot in due])
    return [lot for lot in lots if lot not in due] if due else list(lots)


def bring_up_to_date(account: LockedAccount, lots: Sequence[Lot]) -> list[Lot]:
    """Lapse what is due of `lots` and grant the free credits of the day, if that was not done yet; the lots after."""
    lots = lapse(account, lots)
    if account.daily_granted_on >= account.today:
        return lots
    debt = account.debt
    movement = Movement(
        kind="grant",
        amount=DAILY_CREDITS,
        key=f"daily:{account.today}",
        actor="system",
        reason="Free credits of the day",
    )
    account.daily_granted_on = account.today
    if account.record(movement, {AVAILABLE: DAILY_CREDITS, GRANTED: -DAILY_CREDITS}) is None:
        return lots
    lot = add(account, DAILY, DAILY_CREDITS, end_of_day(account.at), debt=debt)
    if not lot.remaining:
        return lots
    later = [other for other in lots if other.lapses_at is None or other.lapses_at > end_of_day(account.at)]
    sooner = [other for other in lots if other not in later]
    return [*sooner, lot, *later]
