"""What became of a payment: on its way, here, declined, left off or taken back, each with a way on."""

from collections.abc import Callable
from datetime import timedelta
from html import escape

import streamlit as st

from components import feedback, money, page_table
from components.leave import leave_for
from components.theme import page_heading
from db.clock import now
from db.models import PaymentStatus
from services.billing.payments import PaymentView

_LOOK_EVERY_SECONDS = 1.0
_LONG = timedelta(minutes=2)


def returned(payment: PaymentView, look: Callable[[], PaymentView], available: int) -> None:
    """After the payment page. Until the provider has told us, a fragment looks every second."""
    if payment.status == PaymentStatus.OPEN:
        page_heading("One moment", "Your payment is being confirmed. The credits show here as soon as it is.")
        st.fragment(_wait, run_every=_LOOK_EVERY_SECONDS)(look)
        return
    _ended(payment, available)


def turned_back(payment: PaymentView, look: Callable[[], PaymentView], available: int) -> None:
    """After leaving the payment page without paying. What became known later (a declined card, a payment made in
    another tab) changes the screen."""
    if payment.status != PaymentStatus.OPEN:
        _ended(payment, available)
        return
    if payment.failure:
        page_heading("The payment did not go through", "Nothing was charged, and no credits were added.")
        _notice("error", "What the bank said", f"{payment.failure} Another card, or another way to pay, may work.")
    else:
        page_heading("You left before paying", "Nothing was charged. Your choice is kept for a day.")
    _ways_on(payment)
    st.fragment(_watch, run_every=_LOOK_EVERY_SECONDS)(look, payment)


def _watch(look: Callable[[], PaymentView], shown: PaymentView) -> None:
    if look() != shown:
        st.rerun()


def _wait(look: Callable[[], PaymentView]) -> None:
    payment = look()
    if payment.status != PaymentStatus.OPEN:
        st.rerun()
    text = "This takes a few seconds."
    if now() - payment.created_at > _LONG:
        text = (
            "Some ways to pay, such as a bank transfer, take days. You can leave this page: the credits come by "
            "themselves, and you will find a notice."
        )
    if payment.failure:
        text = f"The last try failed: {payment.failure} You can try again with the button below."
    st.html(
        f'<div class="vt-notice" role="status"><strong>{money.credits(payment.credits)} for '
        f"{money.price(payment.amount)}</strong><p>{escape(text)}</p></div>"
    )
    if payment.checkout_url and st.button("Back to the payment page", key="vt_resume"):
        leave_for(payment.checkout_url)


def _ended(payment: PaymentView, available: int) -> None:
    if payment.status == PaymentStatus.SUCCEEDED:
        page_heading("Thank you", f"{money.credits(payment.credits)} for {money.price(payment.amount)}.")
        st.html(
            '<section class="vt-card" aria-label="Balance"><p class="vt-label">You can now spend</p>'
            f'<p class="vt-figure">{available:,}</p><p class="vt-muted">credits. What you bought never lapses.</p>'
            "</section>"
        )
        with st.container(horizontal=True):
            if st.button("Make a picture", type="primary", key="vt_paid_create"):
                st.switch_page(page_table.GENERATE.script)
            if st.button("Show the receipt", key="vt_paid_receipt"):
                st.switch_page(page_table.RECEIPT.script, query_params={"id": payment.id})
    elif payment.status == PaymentStatus.EXPIRED:
        page_heading("This payment has ended", "Nothing was charged, and no credits were added.")
        if payment.failure:
            _notice("error", "Why", payment.failure)
        _ways_on(payment)
    else:
        page_heading("This payment was taken back")
        _notice("error", "Refunded or disputed", _taken_back(payment))
        _ways_on(payment)


def _taken_back(payment: PaymentView) -> str:
    what = f"{money.credits(payment.credits_reversed)} were taken back."
    if payment.status == PaymentStatus.DISPUTED:
        return f"Your bank disputes it. Until that is settled, {what}"
    return f"{money.price(payment.amount_refunded)} went back to you, and {what}"


def _ways_on(payment: PaymentView) -> None:
    with st.container(horizontal=True):
        if payment.checkout_url and st.button(
            f"Continue to payment · {money.price(payment.amount)}", type="primary", key="vt_continue"
        ):
            leave_for(payment.checkout_url)
        if st.button("Choose again", key="vt_choose_again"):
            st.switch_page(page_table.BUY.script)


def _notice(kind: str, title: str, text: str) -> None:
    st.html(
        f'<div class="vt-notice vt-notice-{kind}" role="status"><strong>{escape(title)}</strong>'
        f"<p>{escape(text)}</p></div>"
    )


def not_found() -> None:
    """An address with an id that is nobody's, or not this person's."""
    feedback.empty_state(
        "We could not find this payment",
        "The link may be mistyped, or belong to another account.",
        icon="search",
        main=True,
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        if st.button("See your payments", type="primary", key="vt_to_payments"):
            st.switch_page(page_table.PAYMENTS.script)
