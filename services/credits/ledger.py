"""The ledger's movements. Each takes the caller's session, locks the account once, and never commits.

Call them late in a transaction: the account stays locked until it ends. Amounts are whole credits. `key` makes a
movement idempotent within its account: a repeat returns the first outcome, one with another amount raises `Conflict`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from db.connection import snapshot, transaction
from db.ids import new_id
from services.credits import account as accounts
from services.credits import holds, lots
from services.credits.account import AVAILABLE, EARNED, GRANTED, HELD, LAPSED, LockedAccount, Movement
from services.credits.errors import InsufficientCredits, in_words
from services.credits.event_types import CreditsLow
from services.credits.holds import Hold, HoldState
from services.credits.lots import Part
from services.errors import Conflict, Invalid, NotFound
from services.events import record

WELCOME_CREDITS = 10
LOW_CREDITS = 3
PURCHASE = "purchase"  # the source of bought lots


@dataclass(frozen=True)
class HoldRequest:
    """Credits to set aside for a job; `key` is unique within the account."""

    amount: int
    key: str
    job_id: str | None = None


@dataclass(frozen=True)
class Entry:
    """The ledger transaction's id, and whether this call made it: a repeat returns the first one's."""

    id: str
    is_new: bool


def open_account(session: Session, user_id: str, extra_credits: int = 0) -> None:
    """Open the person's account with 10 welcome credits, and those that whoever runs the installation gives besides.
    Call once, in the transaction that makes the person."""
    accounts.insert(session, user_id)
    grant(session, user_id, WELCOME_CREDITS, source="welcome", key="welcome", actor="system", reason="Welcome credits")
    if extra_credits:
        reason = "Credits to start with"
        key = f"create-user:{user_id}"
        grant(session, user_id, extra_credits, source="admin", key=key, actor="manage", reason=reason)


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
    return _add(account, movement, source, {AVAILABLE: amount, GRANTED: -amount}, lapses_at).id


def hold(session: Session, user_id: str, amount: int, *, key: str, job_id: str | None = None, actor: str) -> str:
    """Set `amount` credits aside (0 is allowed) and return the hold's id. The day's free credits count.

    Raises `InsufficientCredits` when fewer are available.
    """
    return hold_all(session, user_id, [HoldRequest(amount, key, job_id)], actor=actor)[0]


def hold_all(session: Session, user_id: str, requests: Sequence[HoldRequest], *, actor: str) -> list[str]:
    """Set credits aside for several jobs, all or nothing, and return the holds' ids in order. Each is captured or
    released alone.

    Raises `InsufficientCredits` when fewer are available than all of them take.
    """
    if any(request.amount < 0 for request in requests):
        raise Invalid("A price cannot be negative.")
    account, open_lots = lots.lock(session, user_id)
    open_lots = lots.bring_up_to_date(account, open_lots)
    movements = [
        Movement("hold", request.amount, request.key, actor, hold_id=new_id("hld"), job_id=request.job_id)
        for request in requests
    ]
    total = sum(request.amount for request in requests)
    if total > max(account.available, 0):
        account.save()
        if any(account.find_recorded(movement) is None for movement in movements):
            raise InsufficientCredits(total, account.available)
        return [str(account.repeated(movement).hold_id) for movement in movements]
    if account.record_all([(one, {AVAILABLE: -one.amount, HELD: one.amount}) for one in movements]):
        holds.insert(account, movements, lots.share_out(open_lots, [one.amount for one in movements]))
        _warn_if_low(session, account, spent=total)
    else:
        movements = [replace(one, hold_id=account.repeated(one).hold_id) for one in movements]
    account.save()
    return [str(movement.hold_id) for movement in movements]


def capture(session: Session, hold_id: str, amount: int | None = None, *, actor: str = "system") -> int:
    """Charge a hold, whole or in part, and put the rest back in the same movement; the credits charged.

    A repeat returns what was charged. Raises `Conflict` when the hold was released or charged another amount,
    `Invalid` when `amount` is not within the hold.
    """
    account, found = holds.lock(session, hold_id)
    if found.state == HoldState.CAPTURED and amount in (None, found.captured):
        return found.captured
    charged = found.amount if amount is None else amount
    if not 0 <= charged <= found.amount:
        raise Invalid(f"Between 0 and {in_words(found.amount)} can be charged.")
    _resolve(account, [found], HoldState.CAPTURED, charged, actor)
    return charged


def release(session: Session, hold_id: str, *, actor: str = "system") -> int:
    """Put a hold back into the lots it came from, or lapse what came from lots that have lapsed; the credits let go.

    A repeat returns the same. Raises `Conflict` when the hold was captured.
    """
    account, found = holds.lock(session, hold_id)
    if found.state != HoldState.RELEASED:
        _resolve(account, [found], HoldState.RELEASED, 0, actor)
    return found.amount


def release_all(session: Session, user_id: str, hold_ids: Sequence[str], *, actor: str) -> None:
    """Release several holds of one person as `release` does, the account locked once. Raises `Conflict`, and releases
    none, unless each is held."""
    if hold_ids:
        account, found = holds.lock_all(session, user_id, hold_ids)
        if len(found) < len(hold_ids):
            raise NotFound("There is no such hold.")
        _resolve(account, found, HoldState.RELEASED, 0, actor)


def refund(session: Session, hold_id: str, amount: int, *, key: str, actor: str, reason: str) -> str:
    """Give back `amount` of what a hold charged, as credits that do not lapse; the ledger transaction's id.

    Raises `Conflict` when that is more than was charged and not yet given back.
    """
    if amount <= 0:
        raise Invalid("Refund at least one credit.")
    account, found = holds.lock(session, hold_id)
    movement = Movement("refund", amount, key, actor, reason, hold_id=hold_id, job_id=found.job_id)
    if first := account.find_recorded(movement):
        if first.hold_id != hold_id:
            raise Conflict("This request was made before for another charge. Start again with a new one.")
        return first.id
    left = found.captured - found.refunded
    if amount > left:
        raise Conflict(f"Only {in_words(left)} of this charge can still be refunded.")
    holds.refund(account, hold_id, amount)
    return _add(account, movement, "refund", {AVAILABLE: amount, EARNED: -amount}).id


def adjust(
    session: Session, user_id: str, amount: int, *, key: str, actor: str, reason: str, payment_id: str | None = None
) -> Entry:
    """Add credits, or take them (`amount` < 0), below zero if need be.

    For staff, and for money that went back: `payment_id` is then the payment it belonged to, and bought credits are
    taken first, so that free ones do not turn into bought ones.
    """
    if amount == 0:
        raise Invalid("Enter how many credits to add or take.")
    if not reason.strip():
        raise Invalid("Say why: the reason is shown in the account's history.")
    account, open_lots = lots.lock(session, user_id)
    movement = Movement("adjust", amount, key, actor, reason.strip(), payment_id=payment_id)
    postings = {AVAILABLE: amount, GRANTED: -amount}
    if amount > 0:
        return _add(account, movement, "admin" if payment_id is None else PURCHASE, postings)
    open_lots = lots.bring_up_to_date(account, open_lots)
    if payment_id is not None:
        open_lots = sorted(open_lots, key=lambda lot: lot.source != PURCHASE)
    taken = lots.select(open_lots, -amount)
    entry = _entry(account, movement, postings)
    if entry.is_new:
        lots.change(account, [(part.lot_id, -part.amount) for part in taken])
    account.save()
    return entry


def lapse_due(at: datetime) -> int:
    """Lapse every lot whose time had come by `at`, one short transaction an account; the credits that lapsed.

    People who come by have theirs lapsed on the way: this is for those who do not. It opens its own transactions.
    """
    with snapshot() as session:
        owners = lots.owners_of_due(session.connection(), at)
    lapsed = 0
    for user_id in owners:
        with transaction() as session:
            account, open_lots = lots.lock(session, user_id)
            account.at = at
            before = account.available
            lots.lapse(account, open_lots)
            account.save()
            lapsed += before - account.available
    return lapsed


def _add(
    account: LockedAccount,
    movement: Movement,
    source: str,
    postings: dict[str, int],
    lapses_at: datetime | None = None,
) -> Entry:
    """Record a movement that brings credits, as a new lot."""
    debt = account.debt
    entry = _entry(account, movement, postings)
    if entry.is_new:
        lots.add(account, source, movement.amount, lapses_at, debt=debt)
        account.save()
    return entry


def _entry(account: LockedAccount, movement: Movement, postings: dict[str, int]) -> Entry:
    """Record a movement, or find what its key recorded before."""
    transaction_id = account.record(movement, postings)
    if transaction_id is None:
        return Entry(account.repeated(movement).id, is_new=False)
    return Entry(transaction_id, is_new=True)


def _resolve(account: LockedAccount, found: Sequence[Hold], state: HoldState, charged: int, actor: str) -> None:
    """Settle holds once: `charged` is earned of each, the rest goes back, or lapses where its lot has."""
    entries: list[tuple[Movement, dict[str, int]]] = []
    returned: list[Part] = []
    debt = account.debt
    for hold in found:
        if hold.state != HoldState.HELD:
            raise Conflict("These credits were settled in another way already.")
        rest = holds.rest(hold.parts, charged)
        alive = [part for part in rest if not lots.is_due(part.lapses_at, account.at)]
        back = sum(part.amount for part in alive)
        movement = Movement(
            kind="capture" if state == HoldState.CAPTURED else "release",
            amount=charged if state == HoldState.CAPTURED else hold.amount,
            key=f"resolve:{hold.id}",
            actor=actor,
            hold_id=hold.id,
            job_id=hold.job_id,
        )
        lapsed = hold.amount - charged - back
        entries.append((movement, {AVAILABLE: back, HELD: -hold.amount, EARNED: charged, LAPSED: lapsed}))
        pays_debt = min(debt, back)
        debt -= pays_debt
        returned += holds.rest(alive, pays_debt)
    ids = [hold.id for hold in found]
    if not account.record_all(entries):
        raise AssertionError(f"{ids} are held but were resolved")
    holds.resolve(account, ids, state, charged)
    lots.change(account, [(part.lot_id, part.amount) for part in returned])
    account.save()


def _warn_if_low(session: Session, account: LockedAccount, *, spent: int) -> None:
    """Say, once a day, that few credits are left."""
    if not spent or account.available >= LOW_CREDITS or account.low_warned_on >= account.today:
        return
    record(session, CreditsLow(user_id=account.user_id, available=account.available))
    account.low_warned_on = account.today
