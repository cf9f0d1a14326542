"""Payments that would otherwise stay unfinished: every worker looks for them and completes them from time to time."""

import logging
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col

import db
from db.clock import now
from db.models import Payment, PaymentStatus
from services.billing import webhook
from services.billing.gateway.simulated import SIMULATED
from services.billing.settlement import apply_event

log = logging.getLogger(__name__)

_GRACE = timedelta(seconds=30)
_BATCH = 100
# Stripe closes a Checkout page after a day and says so; nobody says so of a simulated or a half-made one
_OPEN_FOR = timedelta(hours=25)


def repair_payments() -> int:
    """Apply stored events that their workflow did not, and close payments that nobody can pay any more; how many.

    An event applies once whoever does it, so this need not know what became of the workflow.
    """
    with db.snapshot() as session:
        left_behind = webhook.unapplied_events(session, now() - _GRACE, _BATCH)
    for event_id in left_behind:
        try:
            log.warning("payment event %s was left behind: %s", event_id, apply_event(event_id))
        except Exception:  # the others must not wait for this one; it is tried again at the next round
            log.exception("payment event %s cannot be applied", event_id)
    return len(left_behind) + _close_abandoned()


def _close_abandoned() -> int:
    with db.transaction() as session:
        closed = session.execute(
            sa.update(Payment)
            .where(
                col(Payment.status) == PaymentStatus.OPEN,
                col(Payment.created_at) < now() - _OPEN_FOR,
                sa.or_(col(Payment.checkout_session_id).is_(None), col(Payment.gateway) == SIMULATED),
            )
            .values(status=PaymentStatus.EXPIRED, checkout_url=None)
            .returning(col(Payment.id))
            .execution_options(synchronize_session=False)
        )
        return len(closed.all())
