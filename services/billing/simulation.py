"""The test checkout's buttons: what a person pretends to do with a simulated payment, sent to us as Stripe would."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from sqlmodel import col, select

import db
from config import settings
from db.models import Payment, PaymentStatus
from services.accounts.actor import Actor
from services.billing.errors import GatewayUnavailable, NotPayable
from services.billing.gateway import simulated
from services.billing.gateway.simulated import SimulatedEvents
from services.billing.payments import PaymentView, get_payment
from services.billing.webhook import ADDRESS
from services.errors import Forbidden, NotFound

_TIMEOUT_SECONDS = 20.0

Deliver = Callable[[bytes, Mapping[str, str]], int]
"""(body, headers) -> the HTTP status of the webhook's answer."""


def payment_to_simulate(actor: Actor, payment_id: str) -> PaymentView:
    """One of the person's simulated payments. Raises `NotFound`, also for a real one."""
    return get_payment(actor, _own(actor, payment_id).id)


def pay(actor: Actor, payment_id: str, deliver: Deliver | None = None) -> str:
    """Pretend that the card was charged; where the browser goes then. Raises `NotPayable` if it was, or the page has
    closed."""
    payment = _open(actor, payment_id)
    _send(SimulatedEvents(payment).completed(), deliver)
    return payment.success_url.replace("{CHECKOUT_SESSION_ID}", simulated.session_id(payment.id))


def decline(actor: Actor, payment_id: str, deliver: Deliver | None = None) -> None:
    """Pretend that the card was declined: the page stays open for another try."""
    payment = _open(actor, payment_id)
    _send(SimulatedEvents(payment).attempt_failed(), deliver)


def refund(actor: Actor, payment_id: str, amount: int, deliver: Deliver | None = None) -> None:
    """Pretend that another `amount` cents of a paid payment were refunded."""
    payment = _own(actor, payment_id)
    if payment.paid_at is None or not 0 < amount <= payment.amount - payment.amount_refunded:
        raise NotPayable("There is nothing left to refund.")
    _send(SimulatedEvents(payment).refunded(payment.amount_refunded + amount), deliver)


def dispute(actor: Actor, payment_id: str, status: str, deliver: Deliver | None = None) -> None:
    """Pretend that the bank disputes a paid payment (`needs_response`), and that it was "won" or "lost"."""
    payment = _own(actor, payment_id)
    if payment.paid_at is None:
        raise NotPayable("Only what was paid can be disputed.")
    _send(SimulatedEvents(payment).disputed(status), deliver)


def _own(actor: Actor, payment_id: str) -> Payment:
    actor.require_scope("billing")
    if not simulated.is_simulated():
        raise Forbidden("There is no test checkout here: payments are real.")
    with db.snapshot() as session:
        payment = session.scalar(
            select(Payment).where(
                col(Payment.id) == payment_id,
                col(Payment.user_id) == actor.id,
                col(Payment.gateway) == simulated.SIMULATED,
            )
        )
    if payment is None:
        raise NotFound
    return payment


def _open(actor: Actor, payment_id: str) -> Payment:
    payment = _own(actor, payment_id)
    if payment.status != PaymentStatus.OPEN:
        raise NotPayable
    return payment


def _send(event: dict[str, Any], deliver: Deliver | None) -> None:
    body = json.dumps(event)
    headers = {"Stripe-Signature": simulated.signature(body), "Content-Type": "application/json"}
    if (deliver or _post)(body.encode(), headers) != 200:
        raise GatewayUnavailable


def _post(body: bytes, headers: Mapping[str, str]) -> int:
    """To our own webhook address, as Stripe would."""
    address = f"http://127.0.0.1:{settings().port}{ADDRESS}"
    try:
        return httpx.post(address, content=body, headers=dict(headers), timeout=_TIMEOUT_SECONDS).status_code
    except httpx.HTTPError as error:
        raise GatewayUnavailable(f"The test checkout could not reach {address}. Is VITRINE_PORT right?") from error
