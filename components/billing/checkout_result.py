"""What became of a payment: on its way, here, declined, left off or taken back, each with a way on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from html import escape

import streamlit as st

from components.kit import money
from components.kit.empty_state import empty_state
from components.kit.leave import leave_for
from components.shell import page_table
from components.shell.theme import page_heading
from db.clock import now
from db.models import PaymentStatus
from services.billing.payments import PaymentView

_LOOK_EVERY_SECONDS = 1.0
_LONG = timedelta(minutes=2)


def returned(payment: PaymentView, look: Callable[[], PaymentView], available: int) -> None:
    """After the payment page. Until the payment gateway's event is here, a fragment looks every second."""
    if payment.status == PaymentStatus.OPEN and payment.checkout_url:
        page_heading("One moment", "Your payment is being confirmed. The credits show here as soon as it is.")
        st.fragment(_wait, run_every=_LOOK_EVERY_SECONDS)(look, now())
        return
    turned_back(payment, look, available)


def turned_back(payment: PaymentView, look: Callable[[], PaymentView], available: int) -> None:
    """After leaving the payment page without paying. What became known later (a declined card, a payment made in
    another tab) changes the screen."""
    if payment.status != PaymentStatus.OPEN:
        _ended(payment, available)
        return
    page_heading(*open_words(payment))
    if payment.failure:
        _notice("error", "What the bank said", f"{payment.failure} Another card, or another way to pay, may work.")
    _ways_on(payment)
    watch(look, payment)


def open_words(payment: PaymentView) -> tuple[str, str]:
    """Heading and text for a payment that was not made yet."""
    if payment.is_under_way:
        return (
            "Your bank is carrying out the payment",
            "Some ways to pay, such as a bank transfer, take days. The credits come by themselves: there is nothing "
            "more to do.",
        )
    if payment.failure:
        return "The payment did not go through", "Nothing was charged, and no credits were added."
    if payment.checkout_url:
        return "You left before paying", "Nothing was charged. Your choice is kept for a day."
    return "The payment page could not be opened", "Nothing was charged. Please choose your credits again."


def watch(look: Callable[[], PaymentView], shown: PaymentView, at_most: timedelta | None = None) -> None:
    """Draw the screen again once the payment is not as `shown` any more, or `at_most` this much later."""
    st.fragment(_watch, run_every=_LOOK_EVERY_SECONDS)(look, shown, None if at_most is None else now() + at_most)


def _watch(look: Callable[[], PaymentView], shown: PaymentView, until: datetime | None) -> None:
    if look() != shown or (until is not None and now() >= until):
        st.rerun()


def _wait(look: Callable[[], PaymentView], since: datetime) -> None:
    payment = look()
    if payment.status != PaymentStatus.OPEN or not payment.checkout_url:
        st.rerun()
    st.html(
        f'<div class="vt-notice" role="status"><strong>{money.credits(payment.credits)} for '
        f"{money.price(payment.amount)}</strong><p>{escape(waiting_words(payment, now() - since))}</p></div>"
    )
    if payment.checkout_url and st.button("Back to the payment page", key="vt_resume"):
        leave_for(payment.checkout_url)


def waiting_words(payment: PaymentView, waited: timedelta) -> str:
    """What to say after the payment page while the gateway has not reported the payment, `waited` after it."""
    if payment.failure:
        return f"The last try failed: {payment.failure} You can try again with the button below."
    if waited > _LONG:
        return (
            "This takes longer than usual. You can leave this page: the credits come by themselves as soon as the "
            "payment is confirmed."
        )
    return "This takes a few seconds."


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
        _notice("error", "Refunded or disputed", taken_back_words(payment))
        _ways_on(payment)


def taken_back_words(payment: PaymentView) -> str:
    """Why the credits of a refunded or disputed payment are gone, and whether for good."""
    what = f"{money.credits(payment.credits_reversed)} were taken back."
    if payment.status == PaymentStatus.DISPUTED and payment.dispute == "lost":
        return f"Your bank disputed it, and we lost the dispute: the money went back to you for good, and {what}"
    if payment.status == PaymentStatus.DISPUTED:
        return f"Your bank disputes it. Until that is settled, {what}"
    return f"{money.price(payment.amount_refunded)} went back to you, and {what}"


def _ways_on(payment: PaymentView) -> None:
    with st.container(horizontal=True):
        if payment.checkout_url and st.button(
            f"Continue to payment · {money.price(payment.amount)}", type="primary", key="vt_continue"
        ):
            leave_for(payment.checkout_url)
        if payment.is_under_way:
            if st.button("See your payments", key="vt_to_payments"):
                st.switch_page(page_table.PAYMENTS.script)
        elif st.button("Choose again", key="vt_choose_again"):
            st.switch_page(page_table.BUY.script)


def _notice(kind: str, title: str, text: str) -> None:
    st.html(
        f'<div class="vt-notice vt-notice-{kind}" role="status"><strong>{escape(title)}</strong>'
        f"<p>{escape(text)}</p></div>"
    )


def not_found() -> None:
    """An address with an id that is nobody's, or not this person's."""
    empty_state(
        "We could not find this payment",
        "The link may be mistyped, or belong to another account.",
        icon="search",
        main=True,
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        if st.button("See your payments", type="primary", key="vt_to_payments"):
            st.switch_page(page_table.PAYMENTS.script)
