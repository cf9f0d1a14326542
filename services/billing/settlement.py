"""What a payment event does: it changes what we know of the payment, and the credits follow from that.

Events come late, twice and in any order. So none of them moves credits by itself: each corrects the facts (paid,
refunded so far, held back by disputes), and the credits taken back are brought to what the facts say.
"""

import logging

import sqlalchemy as sa
from sqlmodel import Session, col, select

import db
from db.clock import now
from db.locks import lock_names
from db.models import Payment, PaymentDispute, PaymentEvent, PaymentStatus
from services.billing.event_types import (
    PaymentCompleted,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentRestored,
)
from services.billing.formatting import format_credits
from services.billing.gateway.contract import (
    AttemptFailed,
    Disputed,
    PaymentFact,
    Refunded,
    SessionCompleted,
    SessionEnded,
)
from services.billing.gateway.stripe_events import MalformedEvent, read_event
from services.credits import ledger
from services.events import record

log = logging.getLogger(__name__)

UNKNOWN = "unknown_payment"
_REFUSED = "The bank did not carry out the payment."


def apply_event(event_id: str) -> str:
    """Do what a stored event says, unless that was done; its outcome in a word.

    Whoever comes second waits for the event's row and finds it marked: workers, repair and repeats may all call this.
    """
    with db.transaction() as session:
        event = session.scalar(select(PaymentEvent).where(col(PaymentEvent.id) == event_id).with_for_update())
        if event is None:
            return "unknown_event"
        if event.applied_at is None:
            _apply(session, event)
        return event.outcome


def _apply(session: Session, event: PaymentEvent) -> None:
    event.applied_at = now()
    try:
        fact = read_event(event.kind, event.payload)
    except MalformedEvent as error:
        log.error("payment event %s is malformed: %s", event.id, error)
        event.outcome = "malformed"
        return
    if fact is None:
        event.outcome = "ignored"
        return
    event.payment_intent_id = fact.intent_id
    if fact.intent_id is not None:  # or one that looks for its payment could miss the one that is just being paid
        lock_names(session, f"payment_intent:{fact.intent_id}")
    payment = _lock_payment(session, fact)
    if payment is None:
        log.warning("payment event %s (%s) is about a payment we do not know", event.id, event.kind)
        event.outcome = UNKNOWN
        return
    event.payment_id = payment.id
    event.outcome = _apply_fact(session, payment, fact, event.id)


def _lock_payment(session: Session, fact: PaymentFact) -> Payment | None:
    """By our own id if the event carries it; a dispute carries only the payment intent's."""
    if fact.payment_id is not None:
        named = col(Payment.id) == fact.payment_id
    elif fact.intent_id is not None:
        named = col(Payment.payment_intent_id) == fact.intent_id
    else:
        return None
    return session.scalar(select(Payment).where(named).with_for_update())


def _apply_fact(session: Session, payment: Payment, fact: PaymentFact, event_id: str) -> str:
    match fact:
        case SessionCompleted():
            return _completed(session, payment, fact, event_id)
        case SessionEnded():
            return _ended(session, payment, fact)
        case AttemptFailed():
            return _attempt_failed(payment, fact)
        case Refunded():
            return _refunded(session, payment, fact, event_id)
        case Disputed():
            return _disputed(session, payment, fact, event_id)


def _completed(session: Session, payment: Payment, fact: SessionCompleted, event_id: str) -> str:
    if (fact.amount, fact.currency) != (payment.amount, payment.currency) or (
        payment.checkout_session_id not in (None, fact.session_id) or _is_of_another(session, fact.intent_id, payment)
    ):
        log.error("payment event %s does not fit %s: no credits are granted", event_id, payment.id)
        return "mismatch"
    payment.checkout_session_id = fact.session_id  # the event may be here before the answer that made the session
    if not fact.paid:
        if payment.status == PaymentStatus.OPEN:  # the page has closed: nobody is to be sent there again
            payment.checkout_url = payment.failure = None
        return "waiting"
    if payment.paid_at is not None:
        return "already_paid"
    payment.paid_at, payment.status = now(), PaymentStatus.SUCCEEDED
    payment.payment_intent_id = fact.intent_id
    payment.checkout_url = payment.failure = None
    amount = format_credits(payment.credits)
    record(
        session,
        PaymentCompleted(
            user_id=payment.user_id,
            payment_id=payment.id,
            credits=payment.credits,
            amount=payment.amount,
            currency=payment.currency,
        ),
    )
    ledger.grant(
        session,
        payment.user_id,
        payment.credits,
        source=ledger.PURCHASE,
        key=f"payment:{payment.id}",
        actor="system",
        reason=f"Bought {amount}",
        payment_id=payment.id,
    )
    _follow_money(session, payment, event_id)  # a refund may have come first
    _apply_early(session, payment)
    return "granted"


def _is_of_another(session: Session, intent_id: str | None, payment: Payment) -> bool:
    return intent_id is not None and bool(
        session.scalar(
            sa.select(col(Payment.id)).where(col(Payment.payment_intent_id) == intent_id, col(Payment.id) != payment.id)
        )
    )


def _apply_early(session: Session, payment: Payment) -> None:
    """Disputes that came before we knew whose payment intent theirs is."""
    if payment.payment_intent_id is None:
        return
    early = session.scalars(
        select(PaymentEvent)
        .where(PaymentEvent.payment_intent_id == payment.payment_intent_id, PaymentEvent.outcome == UNKNOWN)
        .order_by(col(PaymentEvent.received_at))
    ).all()
    for event in early:
        _apply(session, event)


def _ended(session: Session, payment: Payment, fact: SessionEnded) -> str:
    if payment.paid_at is not None:
        return "already_paid"
    payment.status, payment.checkout_url = PaymentStatus.EXPIRED, None
    if not fact.refused:
        return "expired"
    payment.failure = _REFUSED
    record(session, PaymentFailed(user_id=payment.user_id, payment_id=payment.id, reason=_REFUSED))
    return "refused"


def _attempt_failed(payment: Payment, fact: AttemptFailed) -> str:
    if payment.paid_at is not None:
        return "already_paid"
    if (
        payment.is_under_way
    ):  # an earlier try, reported late, or the bank's refusal, which the session's own event reports
        return "unchanged"
    payment.failure = fact.reason
    return "attempt_failed"


def _refunded(session: Session, payment: Payment, fact: Refunded, event_id: str) -> str:
    if (fact.amount, fact.currency) != (payment.amount, payment.currency):
        log.error("payment event %s does not fit %s: nothing is taken back", event_id, payment.id)
        return "mismatch"
    before = payment.amount_refunded
    payment.amount_refunded = max(
        before, min(fact.refunded, payment.amount)
    )  # events carry the total: an older one adds nothing
    if payment.amount_refunded == before:
        return "unchanged"
    reversed_now = _follow_money(session, payment, event_id)
    if payment.paid_at is not None:
        record(
            session,
            PaymentRefunded(
                user_id=payment.user_id,
                payment_id=payment.id,
                amount=payment.amount_refunded - before,
                currency=payment.currency,
                credits=max(0, reversed_now),
            ),
        )
    return "refunded"


def _disputed(session: Session, payment: Payment, fact: Disputed, event_id: str) -> str:
    dispute = session.get(PaymentDispute, fact.dispute_id)
    if fact.currency != payment.currency or (dispute is not None and dispute.payment_id != payment.id):
        log.error("payment event %s does not fit %s: nothing is taken back", event_id, payment.id)
        return "mismatch"
    if dispute is None:
        dispute = PaymentDispute(
            id=fact.dispute_id, payment_id=payment.id, withdrawn=0, status=fact.status, as_of=fact.as_of
        )
        session.add(dispute)
    elif (fact.as_of, fact.closed) < (
        dispute.as_of,
        dispute.closed,
    ):  # reported late; within one second, the end counts as later
        return "unchanged"
    dispute.withdrawn, dispute.status = fact.withdrawn, fact.status
    dispute.as_of, dispute.closed = fact.as_of, fact.closed
    session.flush()
    moved = _follow_money(session, payment, event_id)
    if moved > 0:
        record(
            session,
            PaymentDisputed(
                user_id=payment.user_id,
                payment_id=payment.id,
                amount=payment.amount,
                currency=payment.currency,
                credits=moved,
                is_final=fact.closed,
            ),
        )
    elif moved < 0:
        restored = PaymentRestored(user_id=payment.user_id, payment_id=payment.id, credits=-moved)
        record(session, restored)
    return "disputed" if dispute.withdrawn else "restored" if moved else "unchanged"


def _follow_money(session: Session, payment: Payment, event_id: str) -> int:
    """Bring credits and status to what the money says; how many credits were taken back just now (< 0: given).

    Credits go in proportion to the money, from the sum of all that went, so that parts never add up to more.
    """
    withdrawn = int(
        session.scalar(
            sa.select(sa.func.sum(col(PaymentDispute.withdrawn))).where(col(PaymentDispute.payment_id) == payment.id)
        )
        or 0
    )
    if payment.paid_at is None:
        return 0
    gone = min(payment.amount, payment.amount_refunded + withdrawn)
    due = share_of_credits(payment.credits, gone, payment.amount)
    moved = due - payment.credits_reversed
    payment.credits_reversed = due
    if withdrawn:
        payment.status = PaymentStatus.DISPUTED
    elif payment.amount_refunded == payment.amount:
        payment.status = PaymentStatus.REFUNDED
    else:
        payment.status = PaymentStatus.SUCCEEDED
    if moved:
        ledger.adjust(
            session,
            payment.user_id,
            -moved,
            key=f"payment:{payment.id}:{event_id}",
            actor="system",
            reason="Payment refunded or disputed" if moved > 0 else "Dispute settled",
            payment_id=payment.id,
        )
    return moved


def share_of_credits(credits: int, gone: int, amount: int) -> int:
    """How many of `credits` go when `gone` of `amount` (both in cents) does: in proportion, rounded half up."""
    return (2 * credits * gone + amount) // (2 * amount)
