"""The test checkout: stands in for the payment gateway where there is none. Not found once payments are real."""

from datetime import timedelta

import streamlit as st

from components.billing import checkout_result, simulated_checkout
from components.kit.leave import leave_for
from components.shell import feedback, guard
from components.shell.theme import page_heading
from services.billing import simulation
from services.errors import NotFound, ServiceError

actor = guard.require_actor()
try:
    payment = simulation.payment_to_simulate(actor, st.query_params.get("id", ""))
    page_heading("Test checkout")
    simulated_checkout.banner()
    ask = simulated_checkout.paid_payment if payment.paid_at else simulated_checkout.open_payment
    intent = ask(payment)
    if intent.pay:
        leave_for(simulation.pay(actor, payment.id))
    if intent.turn_back:
        leave_for(payment.cancel_url)
    if intent.decline:
        simulation.decline(actor, payment.id)
        if not payment.failure:
            simulated_checkout.declined()
    if intent.refund:
        simulation.refund(actor, payment.id, intent.refund)
    if intent.dispute:
        simulation.dispute(actor, payment.id, intent.dispute)
    if intent.refund or intent.dispute:
        simulated_checkout.reported()
        checkout_result.watch(lambda: simulation.payment_to_simulate(actor, payment.id), payment, timedelta(seconds=30))
except NotFound:
    checkout_result.not_found()
except ServiceError as error:
    feedback.show_error(error)
