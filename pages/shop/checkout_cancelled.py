"""Back from the payment page without having paid: what that means, and how to go on."""

import streamlit as st

from components.billing import checkout_result
from components.shell import guard
from services.billing.payments import get_payment
from services.credits.balances import balance
from services.errors import NotFound

actor = guard.require_actor()
try:
    payment = get_payment(actor, st.query_params.get("id", ""))
    checkout_result.turned_back(payment, lambda: get_payment(actor, payment.id), balance(actor).available)
except NotFound:
    checkout_result.not_found()
