"""The gateway where there are no Stripe keys: a page of ours stands in for Stripe's, and nobody pays.

Its events have the shape of Stripe's, signed with a secret of this installation, and come in by the same address. So
everything behind that address is what real money goes through.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

from config import settings
from db.ids import new_id
from db.models import Payment
from services.billing.gateway.contract import HostedSession, Order

SIMULATED = "test"
"""The name that simulated payments are kept under."""


def is_simulated() -> bool:
    """Whether nobody really pays here: there are no Stripe keys."""
    return settings().stripe_api_key is None


class SimulatedGateway:
    """The gateway of an installation without Stripe keys."""

    name = SIMULATED

    def create_session(self, order: Order) -> HostedSession:
        """A page of our own that says it is a test."""
        address = f"{settings().public_url}/test-checkout?id={order.payment_id}"
        return HostedSession(session_id(order.payment_id), address)

    def verify(self, body: bytes, signature: str) -> None:
        """Raise `BadSignature` unless this installation signed the body itself."""
        from services.billing.gateway import stripe  # its library takes a third of a second to import

        stripe.verify(body, signature, _secret())


def signature(body: str) -> str:
    """The Stripe-Signature header of a simulated event."""
    from services.billing.gateway import stripe

    return stripe.sign(body, _secret())


@dataclass(frozen=True)
class SimulatedEvents:
    """The events Stripe would send about a payment. Ids derive from the payment's, so that they are always the same."""

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
        """The card was charged."""
        return self._event(
            "checkout.session.completed",
            {
                "id": session_id(self.payment.id),
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
        """The card was declined; the page is still open."""
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

    def refunded(self, total: int) -> dict[str, Any]:
        """`total` cents have gone back so far."""
        return self._event(
            "charge.refunded",
            {
                "id": f"ch_test_{self._tail}",
                "object": "charge",
                "amount": self.payment.amount,
                "amount_refunded": total,
                "refunded": total == self.payment.amount,
                "currency": self.payment.currency,
                "payment_intent": self._intent_id,
                "metadata": self._reference,
                "paid": True,
                "status": "succeeded",
            },
        )

    def disputed(self, status: str) -> dict[str, Any]:
        """The bank disputes the payment, or (`won`, `lost`) the dispute is settled."""
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


def _secret() -> str:
    key = settings().secret_key.get_secret_value().encode()
    return f"whsec_{hmac.new(key, b'vitrine.test-checkout', hashlib.sha256).hexdigest()}"


def session_id(payment_id: str) -> str:
    """The id of a payment's simulated checkout session."""
    return f"cs_test_{payment_id.removeprefix('pay_')}"
