"""The test checkout: where there are no Stripe keys, a page of ours plays the provider, and nobody pays.

What it tells us has the shape of Stripe's events, signed with a secret of this installation, and comes in by the same
address. So everything behind that address is what real money goes through.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from sqlmodel import col, select

import db
from config import settings
from db.ids import new_id
from db.models import Payment, PaymentStatus
from services.accounts.actor import Actor
from services.billing import gateways
from services.billing.errors import NotPayable, ProviderUnavailable
from services.billing.gateways import HostedSession, Order
from services.billing.payments import PaymentView, get_payment
from services.billing.webhook import ADDRESS
from services.errors import Forbidden, NotFound

_TIMEOUT_SECONDS = 20.0

Deliver = Callable[[bytes, Mapping[str, str]], int]
"""(body, headers) -> the HTTP status of the webhook's answer."""


class Simulation:
    """The provider of an installation without Stripe keys."""

    name = "test"

    def create_session(self, order: Order) -> HostedSession:
        """A page of our own that says it is a test."""
        address = f"{settings().public_url}/test-checkout?id={order.payment_id}"
        return HostedSession(_session_id(order.payment_id), address)

    def verify(self, body: bytes, signature: str) -> None:
        """Raise `BadSignature` unless this installation signed the body itself."""
        from services.billing import stripe_gateway  # its library takes a third of a second to import

        stripe_gateway.verify(body, signature, _secret())


def payment_to_simulate(actor: Actor, payment_id: str) -> PaymentView:
    """One of the person's simulated payments. Raises `NotFound`, also for a real one."""
    return get_payment(actor, _own(actor, payment_id).id)


def pay(actor: Actor, payment_id: str, deliver: Deliver | None = None) -> str:
    """Pretend that the card was charged; where the browser goes then. Raises `NotPayable` if it was, or the page has
    closed."""
    payment = _open(actor, payment_id)
    _send(_Fiction(payment).completed(), deliver)
    return payment.success_url.replace("{CHECKOUT_SESSION_ID}", _session_id(payment.id))


def decline(actor: Actor, payment_id: str, deliver: Deliver | None = None) -> None:
    """Pretend that the card was declined: the page stays open for another try."""
    payment = _open(actor, payment_id)
    _send(_Fiction(payment).attempt_failed(), deliver)


def refund(actor: Actor, payment_id: str, amount: int, deliver: Deliver | None = None) -> None:
    """Pretend that `amount` cents more of a paid payment went back."""
    payment = _own(actor, payment_id)
    if payment.paid_at is None or not 0 < amount <= payment.amount - payment.amount_refunded:
        raise NotPayable("There is nothing left to refund.")
    _send(_Fiction(payment).refunded(payment.amount_refunded + amount), deliver)


def dispute(actor: Actor, payment_id: str, status: str, deliver: Deliver | None = None) -> None:
    """Pretend that the bank disputes a paid payment (`needs_response`), and that it was "won" or "lost"."""
    payment = _own(actor, payment_id)
    if payment.paid_at is None:
        raise NotPayable("Only what was paid can be disputed.")
    _send(_Fiction(payment).disputed(status), deliver)


def _own(actor: Actor, payment_id: str) -> Payment:
    actor.require_scope("billing")
    if not gateways.is_simulated():
        raise Forbidden("There is no test checkout here: payments are real.")
    with db.snapshot() as session:
        payment = session.scalar(
            select(Payment).where(
                col(Payment.id) == payment_id, col(Payment.user_id) == actor.id, col(Payment.provider) == "test"
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
    from services.billing import stripe_gateway

    body = json.dumps(event)
    headers = {"Stripe-Signature": stripe_gateway.sign(body, _secret()), "Content-Type": "application/json"}
    if (deliver or _post)(body.encode(), headers) != 200:
        raise ProviderUnavailable


def _post(body: bytes, headers: Mapping[str, str]) -> int:
    """To our own door, as a provider would."""
    address = f"http://127.0.0.1:{settings().port}{ADDRESS}"
    try:
        return httpx.post(address, content=body, headers=dict(headers), timeout=_TIMEOUT_SECONDS).status_code
    except httpx.HTTPError as error:
        raise ProviderUnavailable(f"The test checkout could not reach {address}. Is VITRINE_PORT right?") from error


def _secret() -> str:
    key = settings().secret_key.get_secret_value().encode()
    return f"whsec_{hmac.new(key, b'vitrine.test-checkout', hashlib.sha256).hexdigest()}"


def _session_id(payment_id: str) -> str:
    return f"cs_test_{payment_id.removeprefix('pay_')}"


@dataclass(frozen=True)
class _Fiction:
    """What Stripe would say of a payment. Ids come from the payment's, so that they are the same every time."""

    payment: Payment

    @property
    def _tail(self) -> str:
        return self.payment.id.removeprefix("pay_")

    @property
    def _intent_id(self) -> str:
        return f"pi_test_{self._tail}"

    @property
    def _reference(self) -> dict[str, str]:
        return {"payment_id": self.payment.id}

    def completed(self) -> dict[str, Any]:
        return self._event(
            "checkout.session.completed",
            {
                "id": _session_id(self.payment.id),
                "object": "checkout.session",
                "mode": "payment",
                "status": "complete",
                "payment_status": "paid",
                "payment_intent": self._intent_id,
                "client_reference_id": self.payment.id,
                "metadata": self._reference,
                "amount_subtotal": self.payment.amount,
                "amount_total": self.payment.amount,
                "currency": self.payment.currency,
                "success_url": self.payment.success_url,
                "cancel_url": self.payment.cancel_url,
                "url": None,
            },
            # a second press of the button is the same event again
            event_id=f"evt_test_{self._tail}",
        )

    def attempt_failed(self) -> dict[str, Any]:
        error = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
        return self._event(
            "payment_intent.payment_failed",
            {
                "id": self._intent_id,
                "object": "payment_intent",
                "status": "requires_payment_method",
                "amount": self.payment.amount,
                "currency": self.payment.currency,
                "metadata": self._reference,
                "last_payment_error": error,
            },
        )

    def refunded(self, in_all: int) -> dict[str, Any]:
        return self._event(
            "charge.refunded",
            {
                "id": f"ch_test_{self._tail}",
                "object": "charge",
                "amount": self.payment.amount,
                "amount_refunded": in_all,
                "refunded": in_all == self.payment.amount,
                "currency": self.payment.currency,
                "payment_intent": self._intent_id,
                "metadata": self._reference,
                "paid": True,
                "status": "succeeded",
            },
        )

    def disputed(self, status: str) -> dict[str, Any]:
        return self._event(
            "charge.dispute.closed" if status in ("won", "lost") else "charge.dispute.created",
            {
                "id": f"dp_test_{self._tail}",
                "object": "dispute",
                "amount": self.payment.amount,
                "currency": self.payment.currency,
                "charge": f"ch_test_{self._tail}",
                "payment_intent": self._intent_id,
                "reason": "fraudulent",
                "status": status,
                "metadata": {},
            },
        )

    def _event(self, kind: str, thing: dict[str, Any], event_id: str = "") -> dict[str, Any]:
        return {
            "id": event_id or new_id("evt_test"),
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "livemode": False,
            "pending_webhooks": 1,
            "data": {"object": thing},
        }
