"""The shop: credits in packs, as a plan or in any amount, paid on the provider's own page."""

import streamlit as st

from components.billing import buy_offers
from components.kit.leave import leave_for
from components.shell import feedback, guard, page_table
from components.shell.theme import page_heading
from services.billing import pricing
from services.billing.gateway.simulated import is_simulated
from services.errors import ServiceError

actor = guard.require_actor()
page_heading(
    "Buy credits", "One credit makes most pictures. What you buy never lapses, and what fails is never charged."
)
if is_simulated():
    buy_offers.test_note()
try:
    wanted = buy_offers.offer_cards((*pricing.PACKS, *pricing.PLANS))
    wanted = buy_offers.any_amount() or wanted
    if wanted:
        with st.spinner("Opening the payment page…"):
            leave_for(buy_offers.payment_page(actor, wanted))
except ServiceError as error:
    feedback.show_error(error)
st.page_link(page_table.PAYMENTS.script, label="Your payments and receipts", icon=":material/receipt_long:")
