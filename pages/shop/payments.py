"""Every payment so far, with its receipt."""

import streamlit as st

from components.billing import payment_list
from components.kit.session import session_of
from components.shell import feedback, guard, page_table
from components.shell.theme import page_heading
from services.billing.payments import list_payments
from services.errors import ServiceError

actor = guard.require_actor()
page_heading("Payments", "What you bought, and a receipt for each.")
session = session_of(payment_list.PaymentsSession)
try:
    page = list_payments(actor, limit=50, starting_after=session.after)
    payment_list.payment_list(page.items)
    if page.has_more and st.button("Older payments", key="vt_payments_older"):
        session.after = page.items[-1].id
        st.rerun()
    if session.after and st.button("Newest payments", key="vt_payments_newest"):
        session.after = None
        st.rerun()
except ServiceError as error:
    feedback.show_error(error)
st.page_link(page_table.BUY.script, label="Buy credits", icon=":material/add_card:")
