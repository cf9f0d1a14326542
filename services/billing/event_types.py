"""What happens to payments. Amounts are in minor units of their currency."""

from typing import ClassVar

from services.events import Event


class _PaymentEvent(Event):
    subjects: ClassVar[tuple[str, ...]] = ("payment_id",)

    user_id: str
    payment_id: str


class PaymentCompleted(_PaymentEvent):
    """The money is there and the credits are granted."""

    kind: ClassVar[str] = "payment.completed"

    credits: int
    amount: int
    currency: str


class PaymentFailed(_PaymentEvent):
    """The bank refused after the checkout page had closed: nothing was charged."""

    kind: ClassVar[str] = "payment.failed"

    reason: str


class PaymentRefunded(_PaymentEvent):
    """`amount` of it went back just now, and `credits` with it."""

    kind: ClassVar[str] = "payment.refunded"

    amount: int
    currency: str
    credits: int


class PaymentDisputed(_PaymentEvent):
    """A bank objects to the payment of `amount` and took `credits` back; `is_final` once the dispute is closed."""

    kind: ClassVar[str] = "payment.disputed"

    amount: int
    currency: str
    credits: int
    is_final: bool


class PaymentRestored(_PaymentEvent):
    """A dispute was settled in our favour: `credits` were given back."""

    kind: ClassVar[str] = "payment.restored"

    credits: int
