"""Who takes the money: Stripe, or without its keys a simulation that takes none. Both speak the same events."""

from dataclasses import dataclass
from typing import Protocol

from config import settings


@dataclass(frozen=True)
class Order:
    """What somebody is about to pay for: `amount` in minor units of `currency`, one line named `name`."""

    payment_id: str
    email: str
    name: str
    amount: int
    currency: str
    success_url: str
    cancel_url: str


@dataclass(frozen=True)
class HostedSession:
    """A page of the provider's where the order can be paid."""

    id: str
    url: str


class Gateway(Protocol):
    """A payment provider. `name` is what a payment remembers it by."""

    name: str

    def create_session(self, order: Order) -> HostedSession:
        """A page to pay at; asked again for the same payment, the same page. Raises `ProviderUnavailable`."""
        ...

    def verify(self, body: bytes, signature: str) -> None:
        """Raise `BadSignature` unless the provider sent exactly this `body`, not long ago."""
        ...


def current() -> Gateway:
    """The provider that the settings name."""
    if is_simulated():
        from services.billing.simulation import Simulation

        return Simulation()
    from services.billing.stripe_gateway import StripeGateway  # its library takes a third of a second to import

    return StripeGateway()


def is_simulated() -> bool:
    """Whether nobody really pays here: there are no Stripe keys."""
    return settings().stripe_api_key is None
