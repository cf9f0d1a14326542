"""From an offer to a page where it can be paid: the payment is stored first, then the payment gateway is asked."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from config import settings
from db.ids import new_id
from db.models import Payment, PaymentStatus
from services.accounts.actor import Actor
from services.billing.errors import NotPayable
from services.billing.gateway.choice import current_gateway
from services.billing.gateway.contract import HostedSession, Order
from services.billing.pricing import Offer
from services.errors import FieldError, Invalid

MAX_ADDRESS = 2000


@dataclass(frozen=True)
class Checkout:
    """Where to send the person's browser to pay."""

    payment_id: str
    url: str


def start(
    actor: Actor, offer: Offer, *, success_url: str | None = None, cancel_url: str | None = None, key: str | None = None
) -> Checkout:
    """Begin to buy `offer`: a page of the gateway's, which leads back to `success_url` or `cancel_url` (ours if None).

    `key` makes a repeated call return the page of the first. Raises `Invalid` for an address no browser may be sent to,
    `GatewayUnavailable`, and `NotPayable` if the first call's payment is not open any more.
    """
    actor.require_scope("billing")
    for name, address in (("success_url", success_url), ("cancel_url", cancel_url)):
        if address is not None:
            _require_web_address(name, address)
    payment = _payment(actor, offer, success_url, cancel_url, key)
    if payment.status != PaymentStatus.OPEN or payment.is_under_way:
        raise NotPayable
    if payment.checkout_url is not None:
        return Checkout(payment.id, payment.checkout_url)
    session = current_gateway().create_session(order_of(actor.email, payment))  # no transaction is open meanwhile
    _remember(payment.id, session)
    return Checkout(payment.id, session.url)


def _payment(actor: Actor, offer: Offer, success_url: str | None, cancel_url: str | None, key: str | None) -> Payment:
    """A new payment, or the one that `key` made before."""
    payment_id, home = new_id("pay"), settings().public_url
    payment = Payment(
        id=payment_id,
        user_id=actor.id,
        offer=offer.id,
        credits=offer.price.credits,
        amount=offer.price.total,
        gateway=current_gateway().name,
        success_url=success_url or f"{home}/checkout-done?id={payment_id}",
        cancel_url=cancel_url or f"{home}/checkout-cancelled?id={payment_id}",
        request_key=key,
    )
    try:
        with db.transaction() as session:
            if key is not None and (repeated := _requested(session, actor.id, key)):
                return repeated
            session.add(payment)
        return payment
    except IntegrityError:
        with db.snapshot() as session:  # the same key at the same moment: the other one won
            if key is not None and (repeated := _requested(session, actor.id, key)):
                return repeated
        raise


def _requested(session: Session, user_id: str, key: str) -> Payment | None:
    return session.scalar(select(Payment).where(col(Payment.user_id) == user_id, col(Payment.request_key) == key))


def order_of(email: str, payment: Payment) -> Order:
    """What the gateway is asked to charge for a payment."""
    return Order(
        payment_id=payment.id,
        email=email,
        name=f"Vitrine: {payment.credits:,} credits",
        amount=payment.amount,
        currency=payment.currency,
        success_url=payment.success_url,
        cancel_url=payment.cancel_url,
    )


def _remember(payment_id: str, made: HostedSession) -> None:
    """Unless the person has been through the page already: its event may be faster than this answer."""
    with db.transaction() as session:
        session.execute(
            sa.update(Payment)
            .where(
                col(Payment.id) == payment_id,
                col(Payment.status) == PaymentStatus.OPEN,
                col(Payment.checkout_session_id).is_(None),
            )
            .values(checkout_session_id=made.id, checkout_url=made.url)
            .execution_options(synchronize_session=False)
        )


def _require_web_address(field: str, address: str) -> None:
    try:
        parts = urlsplit(address)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or not address.isprintable() or " " in address or len(address) > MAX_ADDRESS:
        message = "This must be a web address that starts with https:// or http://."
        raise Invalid(message, errors=(FieldError(field, message),))
