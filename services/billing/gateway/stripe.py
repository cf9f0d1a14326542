"""Stripe: a hosted Checkout page for an order, and the signature of its events. The only module that imports `stripe`.

https://docs.stripe.com/api/checkout/sessions/create and https://docs.stripe.com/webhooks/signature (November 2026).
"""

import logging
from functools import cache
from typing import TYPE_CHECKING

import stripe

from config import settings
from services.billing.errors import BadSignature, GatewayUnavailable
from services.billing.gateway.contract import HostedSession, Order
from services.errors import FieldError, Invalid

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

log = logging.getLogger(__name__)

TOLERANCE_SECONDS = 300
_TIMEOUT_SECONDS = 15
_RETRIES = 1  # under the same idempotency key, so it makes no second session

logging.getLogger("stripe").setLevel(logging.WARNING)  # it logs every request it makes
stripe.enable_telemetry = False  # it would write an id into the home folder and report our timings


class StripeGateway:
    """Stripe Checkout with the keys of the settings."""

    name = "stripe"

    def create_session(self, order: Order) -> HostedSession:
        """A hosted page for the order. Raises `GatewayUnavailable`, or `Invalid` for an address Stripe refuses."""
        try:
            made = _client().v1.checkout.sessions.create(
                session_params(order), {"idempotency_key": f"checkout:{order.payment_id}"}
            )
        except stripe.InvalidRequestError as error:
            if error.param in ("success_url", "cancel_url"):
                message = "Stripe does not accept this address."
                raise Invalid(message, errors=(FieldError(error.param, message),)) from error
            log.error("stripe refused a checkout session for %s: %s", order.payment_id, error)
            raise GatewayUnavailable from error
        except stripe.StripeError as error:
            log.error("stripe made no checkout session for %s: %s", order.payment_id, error)
            raise GatewayUnavailable from error
        if made.url is None:
            raise GatewayUnavailable
        return HostedSession(made.id, made.url)

    def verify(self, body: bytes, signature: str) -> None:
        """Raise `BadSignature` unless Stripe signed this body with our endpoint's secret within five minutes."""
        secret = settings().stripe_webhook_secret
        verify(body, signature, secret.get_secret_value() if secret else "")


def session_params(order: Order) -> "SessionCreateParams":
    """The order as Stripe's parameters. The payment's id goes with the session, the payment intent and its charge."""
    reference = {"payment_id": order.payment_id}
    return {
        "mode": "payment",
        "client_reference_id": order.payment_id,
        "customer_email": order.email,
        "metadata": reference,
        "payment_intent_data": {"metadata": reference, "description": order.name},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.currency,
                    "unit_amount": order.amount,
                    "product_data": {"name": order.name},
                },
            }
        ],
        "adaptive_pricing": {"enabled": False},  # the charge stays in the currency that we compare with
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
    }


def verify(body: bytes, signature: str, secret: str) -> None:
    """Raise `BadSignature` unless `signature` is a Stripe-Signature of `body` under `secret`, of the last 5 minutes."""
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeError, TypeError) as error:  # TypeError: it is not all ASCII
        raise BadSignature from error


def sign(body: str, secret: str) -> str:
    """The Stripe-Signature header of `body`, as of now."""
    return str(stripe.WebhookSignature.generate_signature_header(body, secret))


def _client() -> stripe.StripeClient:
    key = settings().stripe_api_key
    return _client_of(key.get_secret_value() if key else "", settings().stripe_base_url)


@cache
def _client_of(key: str, address: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": address},
        max_network_retries=_RETRIES,
        http_client=stripe.HTTPXClient(timeout=_TIMEOUT_SECONDS, allow_sync_methods=True),
    )
