"""Holds: credits set aside for one run of one job, and the parts of lots they are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.credits import account as accounts
from services.credits import lots
from services.credits.account import LockedAccount, Movement
from services.credits.lots import Part
from services.credits.tables import HOLD_LOTS, HOLDS, LOTS


class HoldState(StrEnum):
    HELD = "held"
    CAPTURED = "captured"
    RELEASED = "released"


@dataclass(frozen=True)
class Hold:
    """A hold with its parts, soonest to lapse first. Amounts in credits."""

    id: str
    job_id: str | None
    amount: int
    captured: int
    refunded: int
    state: str
    parts: list[Part]


_ALL_WITH_PARTS = (
    sa.select(
        HOLDS.c.id,
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
    .order_by(HOLDS.c.id, LOTS.c.lapses_at.asc().nulls_last(), LOTS.c.id)
)
_WITH_PARTS = _ALL_WITH_PARTS.where(HOLDS.c.id == sa.bindparam("hold_id"))
_SETTLE = sa.update(HOLDS).values(
    state=sa.bindparam("new_state"), captured=sa.bindparam("charged"), resolved_at=sa.bindparam("at")
)
_RESOLVE = _SETTLE.where(HOLDS.c.id == sa.bindparam("hold_id"))
_REFUND = (
    sa.update(HOLDS)
    .where(HOLDS.c.id == sa.bindparam("hold_id"))
    .values(refunded=HOLDS.c.refunded + sa.bindparam("more"))
)
_INSERT = sa.insert(HOLDS)
_INSERT_PART = sa.insert(HOLD_LOTS)


def insert(account: LockedAccount, movements: Sequence[Movement], parts: Sequence[Sequence[Part]]) -> None:
    """Write the hold of each movement and take its parts from their lots."""
    rows = [
        {
            "id": movement.hold_id,
            "user_id": account.user_id,
            "job_id": movement.job_id,
            "amount": movement.amount,
            "captured": 0,
            "refunded": 0,
            "state": HoldState.HELD.value,
            "created_at": account.at,
        }
        for movement in movements
    ]
    account.write(_INSERT, rows)
    taken = [(movement.hold_id, part) for movement, of_hold in zip(movements, parts, strict=True) for part in of_hold]
    if taken:
        rows = [{"hold_id": hold_id, "lot_id": part.lot_id, "amount": part.amount} for hold_id, part in taken]
        account.write(_INSERT_PART, rows)
        lots.change(account, [(part.lot_id, -part.amount) for _, part in taken])


def lock(session: Session, hold_id: str) -> tuple[LockedAccount, Hold]:
    """Lock the account that a hold is on; both as they are under the lock. Raises `NotFound` for no such hold."""
    account, rows = accounts.lock_by_hold(session, hold_id, _WITH_PARTS)
    return account, _hold(rows)


def lock_all(session: Session, user_id: str, hold_ids: Sequence[str]) -> tuple[LockedAccount, list[Hold]]:
    """Lock the person's account; it and those of its holds, as they are under the lock."""
    account = accounts.lock(session, user_id)
    query = _ALL_WITH_PARTS.where(HOLDS.c.user_id == user_id, HOLDS.c.id.in_(hold_ids))
    rows = account.connection.execute(query).all()
    return account, [_hold(list(of_hold)) for _, of_hold in groupby(rows, key=lambda row: row.id)]


def resolve(account: LockedAccount, hold_ids: Sequence[str], state: HoldState, charged: int) -> None:
    """Mark the holds captured, each with `charged` credits, or released."""
    values = {"new_state": state.value, "charged": charged, "at": account.at}
    if len(hold_ids) == 1:
        account.write(_RESOLVE, {"hold_id": hold_ids[0], **values})
    else:
        account.connection.execute(_SETTLE.where(HOLDS.c.id.in_(hold_ids)), values)


def refund(account: LockedAccount, hold_id: str, amount: int) -> None:
    """Count `amount` more credits as given back."""
    account.write(_REFUND, {"hold_id": hold_id, "more": amount})


def rest(parts: Sequence[Part], spent: int) -> list[Part]:
    """What is left of `parts` after spending `spent` credits of them in their order."""
    left = []
    for part in parts:
        taken = min(part.amount, spent)
        spent -= taken
        if part.amount > taken:
            left.append(Part(part.lot_id, part.amount - taken, part.lapses_at))
    return left


def _hold(rows: Sequence[Any]) -> Hold:
    """A hold of its rows, one a part."""
    first = rows[0]
    return Hold(
        id=first.id,
        job_id=first.job_id,
        amount=first.amount,
        captured=first.captured,
        refunded=first.refunded,
        state=first.state,
        parts=[Part(row.lot_id, row.part, row.lapses_at) for row in rows if row.lot_id is not None],
    )
