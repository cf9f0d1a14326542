"""Back from the payment page: the credits, as soon as the payment gateway reports that they are paid."""

import streamlit as st

from components.billing import checkout_result
from components.shell import guard
from services.billing.payments import get_payment
from services.credits.balances import balance
from services.errors import NotFound

actor = guard.require_actor()
try:
    payment = get_payment(actor, st.query_params.get("id", ""))
    checkout_result.returned(payment, lambda: get_payment(actor, payment.id), balance(actor).available)
except NotFound:
    checkout_result.not_found()
