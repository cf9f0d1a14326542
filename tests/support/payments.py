"""Buying credits against the Stripe fake, without a browser."""

from config import Settings
from services import bootstrap
from services.accounts.actor import Actor
from services.billing import checkout, pricing, webhook
from services.billing.checkout import Checkout
from services.billing.settlement import apply_event
from tests.fakes.stripe_server import StripeFake


def with_stripe(settings: Settings, fake: StripeFake) -> Settings:
    """This process set up to take payments through the fake."""
    values = {"stripe_api_key": fake.key, "stripe_webhook_secret": fake.webhook_secret, "stripe_base_url": fake.url}
    return bootstrap.start(Settings(**(settings.model_dump() | values), _env_file=None))


def buy(actor: Actor, fake: StripeFake, pack: str = "pack_200") -> tuple[Checkout, str]:
    """A checkout session for a pack; it and the session's id at Stripe."""
    made = checkout.start(actor, pricing.chosen(pack=pack))
    return made, session_of(fake, made)


def session_of(fake: StripeFake, made: Checkout) -> str:
    return next(id for id, one in fake.sessions.items() if one["client_reference_id"] == made.payment_id)


def deliver(fake: StripeFake, event: dict) -> str:  # type: ignore[type-arg]
    """Receive an event as the webhook does and apply it as a worker does; its outcome."""
    body, headers = fake.signed(event)
    webhook.receive(body, headers["Stripe-Signature"])
    return apply_event(event["id"])
