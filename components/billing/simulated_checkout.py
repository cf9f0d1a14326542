"""The test checkout's page: what a payment gateway would show, without a card, and what may happen later."""

from dataclasses import dataclass
from html import escape

import streamlit as st

from components.kit import money
from db.models import PaymentStatus
from services.billing.payments import PaymentView


@dataclass(frozen=True)
class SimulationIntent:
    """What is to be pretended: pay, decline, turn back; or of a paid one: refund so many cents, dispute to a state."""

    pay: bool = False
    decline: bool = False
    turn_back: bool = False
    refund: int = 0
    dispute: str = ""


def banner() -> None:
    """Makes it plain."""
    st.html(
        '<div class="vt-notice vt-notice-error" role="note"><strong>This is a simulation</strong><p>This installation '
        "has no payment gateway. There is no card and no money: each button sends Vitrine what a gateway "
        "would send.</p></div>"
    )


def open_payment(payment: PaymentView) -> SimulationIntent:
    """A payment that can still be made."""
    st.html(
        f'<section class="vt-card" aria-label="Your order"><p class="vt-label">{escape(payment.name)}</p>'
        f'<p class="vt-figure">{money.price(payment.amount)}</p></section>'
    )
    if payment.failure:
        declined(payment.failure)
    closed = payment.status != PaymentStatus.OPEN
    if closed:
        st.html(
            '<div class="vt-notice" role="status"><strong>This page has closed</strong><p>Nobody paid in time, and '
            "nothing was charged. Cancel leads back to where you can choose again.</p></div>"
        )
    with st.container(horizontal=True):
        pay = st.button(f"Pay {money.price(payment.amount)}", type="primary", key="vt_test_pay", disabled=closed)
        decline = st.button("Decline the card", key="vt_test_decline", disabled=closed)
        turn_back = st.button("Cancel", key="vt_test_cancel")
    return SimulationIntent(pay=pay, decline=decline, turn_back=turn_back)


def declined(reason: str = "Your card was declined.") -> None:
    """What a gateway's page says at once, before its event has arrived."""
    st.html(
        f'<div class="vt-notice vt-notice-error" role="alert"><strong>{escape(reason)}</strong>'
        "<p>Nothing was charged. Try again, or cancel to go back.</p></div>"
    )


def reported() -> None:
    """Until a worker has applied the gateway's event."""
    st.html('<div class="vt-notice" role="status"><p>The payment gateway has answered. One moment …</p></div>')


def paid_payment(payment: PaymentView) -> SimulationIntent:
    """What a gateway may report weeks later."""
    st.html(f"<h2>{money.credits(payment.credits)} for {money.price(payment.amount)}: what may happen later</h2>")
    left = payment.amount - payment.amount_refunded
    is_disputed = payment.dispute not in (None, "won", "lost")
    with st.container(horizontal=True):
        half = st.button(f"Refund {money.price(left // 2)}", key="vt_test_half", disabled=left < 2)
        whole = st.button(f"Refund {money.price(left)}", key="vt_test_whole", disabled=not left)
        opened = st.button("Dispute", key="vt_test_dispute", disabled=payment.dispute is not None)
        won = st.button("Settle: we win", key="vt_test_won", disabled=not is_disputed)
        lost = st.button("Settle: we lose", key="vt_test_lost", disabled=not is_disputed)
    if not is_disputed:
        settled = "The dispute was settled."
        st.caption("There is nothing to settle before a dispute." if payment.dispute is None else settled)
    return SimulationIntent(
        refund=left // 2 if half else left if whole else 0,
        dispute="needs_response" if opened else "won" if won else "lost" if lost else "",
    )
