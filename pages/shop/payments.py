"""Every payment so far, with its receipt."""

import streamlit as st

from components import feedback, guard, page_table, payment_list
from components.theme import page_heading
from services.billing.payments import list_payments
from services.errors import ServiceError

actor = guard.require_actor()
page_heading("Payments", "What you bought, and a receipt for each.")
try:
    page = list_payments(actor, limit=100)
    payment_list.payment_list(page.items)
except ServiceError as error:
    feedback.show_error(error)
st.page_link(page_table.BUY.script, label="Buy credits", icon=":material/add_card:")
