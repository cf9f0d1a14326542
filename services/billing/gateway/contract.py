"""What a payment gateway is: it takes the money for an order and reports what became of the payment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


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
    """A page of the gateway's where the order can be paid."""

    id: str
    url: str


class Gateway(Protocol):
    """A payment gateway. `name` is kept with each payment."""

    name: str

    def create_session(self, order: Order) -> HostedSession:
        """A page to pay at; asked again for the same payment, the same page. Raises `GatewayUnavailable`."""
        ...

    def verify(self, body: bytes, signature: str) -> None:
        """Raise `BadSignature` unless the gateway sent exactly this `body`, not long ago."""
        ...


@dataclass(frozen=True)
class PaymentReference:
    """Which payment it is about: by the id that we sent along, or by the gateway's payment intent."""

    payment_id: str | None
    intent_id: str | None


@dataclass(frozen=True)
class SessionCompleted(PaymentReference):
    """The person went through the page. `paid` is false while a slow method, such as a bank debit, is under way."""

    session_id: str
    paid: bool
    amount: int
    currency: str


@dataclass(frozen=True)
class SessionEnded(PaymentReference):
    """The page closed unpaid: nobody came back, or (`refused`) the bank said no in the end."""

    refused: bool


@dataclass(frozen=True)
class AttemptFailed(PaymentReference):
    """One try to pay failed; the page is still open for another."""

    reason: str


@dataclass(frozen=True)
class Refunded(PaymentReference):
    """`refunded` of the charge's `amount` has gone back so far, all refunds together."""

    amount: int
    refunded: int
    currency: str


@dataclass(frozen=True)
class Disputed(PaymentReference):
    """A bank's objection. `withdrawn` is what it keeps from us in this state, and `as_of` says when that was so."""

    dispute_id: str
    withdrawn: int
    currency: str
    status: str
    closed: bool
    as_of: datetime


PaymentFact = SessionCompleted | SessionEnded | AttemptFailed | Refunded | Disputed
"""What a gateway's event says of a payment. A fact, not a command: facts come late, twice and in any order."""
