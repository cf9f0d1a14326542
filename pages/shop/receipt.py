"""The receipt of one payment."""

import streamlit as st

from components.billing import checkout_result, payment_list
from components.shell import guard, page_table
from components.shell.theme import page_heading
from services.billing.payments import get_payment
from services.errors import NotFound

actor = guard.require_actor()
try:
    payment = get_payment(actor, st.query_params.get("id", ""))
except NotFound:
    checkout_result.not_found()
    st.stop()
st.page_link(page_table.PAYMENTS.script, label="Payments", icon=":material/arrow_back:")
page_heading("Receipt" if payment.paid_at else "Order")
payment_list.receipt(payment, name=actor.name, email=actor.email)
