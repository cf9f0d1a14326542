"""Payments: the list of them, and one as a receipt to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from components.kit import money
from components.kit.empty_state import empty_state
from components.shell import page_table
from db.models import PaymentStatus
from services.billing.payments import PaymentView

STATUS_WORDS = {
    PaymentStatus.OPEN: "Not paid yet",
    PaymentStatus.SUCCEEDED: "Paid",
    PaymentStatus.EXPIRED: "Not paid",
    PaymentStatus.REFUNDED: "Refunded",
    PaymentStatus.DISPUTED: "Disputed",
}
_NUMERIC = ' class="num"'
_print_button = st.components.v2.component(
    "vitrine_print",
    html='<button class="vt-print vt-no-print" type="button">Print or save as PDF</button>',
    css="""
.vt-print {
  font: inherit; font-weight: 600; min-height: 42px; padding: 0 16px; border-radius: var(--st-button-radius, .5rem);
  border: 1px solid var(--st-border-color); background: transparent; color: inherit; cursor: pointer;
}
.vt-print:hover { border-color: var(--st-primary-color); }
.vt-print:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
""",
    js="export default ({ parentElement }) => { parentElement.querySelector('button').onclick = () => print(); }",
    isolate_styles=False,
)


@dataclass
class PaymentsSession:
    """The payment after which the list goes on; None from the newest."""

    after: str | None = None


def payment_list(items: Sequence[PaymentView]) -> None:
    """Each payment with its state and the way to its receipt, or to where it can still be paid."""
    if not items:
        empty_state("No payments yet", "What you buy is listed here, with a receipt each.", icon="search")
        return
    head = "".join(
        f'<th scope="col"{_NUMERIC if numeric else ""}>{title}</th>'
        for title, numeric in (("When", False), ("What", False), ("State", False), ("Amount", True), ("More", False))
    )
    st.html(
        '<div class="vt-table-frame" role="region" aria-label="Your payments" tabindex="0"><table class="vt-table">'
        f"<thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(_row(one) for one in items)}</tbody></table></div>"
    )


def _row(payment: PaymentView) -> str:
    screen, label = _way(payment)
    address = f"{screen.path}?id={escape(payment.id)}"
    test = ' <span class="vt-pill">Test</span>' if payment.is_test else ""
    return (
        f'<tr><td data-title="When">{money.clock_time(payment.created_at)}</td>'
        f'<td data-title="What">{escape(payment.name)}</td>'
        f'<td data-title="State"><span>{state_words(payment)}{test}</span></td>'
        f'<td class="num" data-title="Amount">{money.price(payment.amount)}</td>'
        f'<td data-title="More"><a class="vt-link" data-go="{address}" href="/{address}" '
        f'aria-label="{label}: {escape(payment.name)}, {money.clock_time(payment.created_at)}">{label}</a></td></tr>'
    )


def _way(payment: PaymentView) -> tuple[page_table.Screen, str]:
    if payment.paid_at is not None:
        return page_table.RECEIPT, "Receipt"
    return page_table.CHECKOUT_CANCELLED, "Pay now" if payment.checkout_url else "Details"


def state_words(payment: PaymentView) -> str:
    """`Paid`, `Paid, $5.00 refunded` …"""
    if payment.is_under_way:
        return "With your bank"
    if payment.status == PaymentStatus.DISPUTED and payment.dispute == "lost":
        return "Dispute lost"
    words = STATUS_WORDS[payment.status]
    if payment.status == PaymentStatus.SUCCEEDED and payment.amount_refunded:
        return f"{words}, {money.price(payment.amount_refunded)} refunded"
    return words


def receipt(payment: PaymentView, *, name: str, email: str) -> None:
    """One payment on a page that prints well."""
    paid = payment.paid_at or payment.created_at
    lines = [("Receipt for", f"{escape(name)}<br>{escape(email)}" if name else escape(email))]
    lines += [("Date", money.clock_time(paid)), ("Number", f"<code>{escape(payment.id)}</code>")]
    lines += [("State", state_words(payment))]
    facts = "".join(f"<div><dt>{title}</dt><dd>{value}</dd></div>" for title, value in lines)
    rows = [(f"{escape(payment.name)}", f"{money.price(payment.amount)}")]
    if payment.amount_refunded:
        rows.append(
            (
                f"Refunded ({money.credits(payment.credits_reversed)} taken back)",
                f"−{money.price(payment.amount_refunded)}",
            )
        )
    body = "".join(
        f'<tr><td data-title="What">{what}</td><td class="num" data-title="Amount">{cost}</td></tr>'
        for what, cost in rows
    )
    total = money.price(payment.amount - payment.amount_refunded)
    test = '<p><span class="vt-pill">Test</span> A simulated payment: no money was paid.</p>' if payment.is_test else ""
    st.html(
        f'<article class="vt-card vt-receipt" aria-label="Receipt"><p class="vt-label">Vitrine</p>{test}'
        f'<dl class="vt-facts">{facts}</dl><table class="vt-table"><thead><tr><th scope="col">What</th>'
        f'<th scope="col" class="num">Amount</th></tr></thead><tbody>{body}<tr><td data-title=""><strong>Total in '
        f'US dollars</strong></td><td class="num" data-title="Total"><strong>{total}</strong></td></tr></tbody></table>'
        "</article>"
    )
    _print_button(key="vt_print")
