"""The events that matter, read from Stripe's shapes (https://docs.stripe.com/api/events/types, November 2026)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


class Malformed(Exception):
    """An event of a kind that we know without what it must have."""


@dataclass(frozen=True)
class Subject:
    """Which payment an event is about: by the id that we gave along, or by the provider's payment intent."""

    payment_id: str | None
    intent_id: str | None


@dataclass(frozen=True)
class SessionCompleted(Subject):
    """The person went through the page. `paid` is false while a slow method, such as a bank debit, is under way."""

    session_id: str
    paid: bool
    amount: int
    currency: str


@dataclass(frozen=True)
class SessionEnded(Subject):
    """The page closed unpaid: nobody came back, or (`refused`) the bank said no in the end."""

    refused: bool


@dataclass(frozen=True)
class AttemptFailed(Subject):
    """One try to pay failed; the page is still open for another."""

    reason: str


@dataclass(frozen=True)
class Refunded(Subject):
    """`refunded` of the charge's `amount` went back so far, all refunds together."""

    amount: int
    refunded: int
    currency: str


@dataclass(frozen=True)
class Disputed(Subject):
    """A bank's objection. `withdrawn` is what it keeps from us in this state, and `told_at` when that was so."""

    dispute_id: str
    withdrawn: int
    currency: str
    status: str
    closed: bool
    told_at: datetime


Told = SessionCompleted | SessionEnded | AttemptFailed | Refunded | Disputed

_DECLINED = "The payment was declined."


def read(kind: str, payload: dict[str, Any]) -> Told | None:
    """What an event says, None if it is of no consequence for us. Raises `Malformed`."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        return reader(payload["data"]["object"], payload)
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{kind}: {error!r}") from error


def _completed(session: dict[str, Any], _event: dict[str, Any]) -> SessionCompleted:
    return SessionCompleted(
        *_subject(session, session.get("client_reference_id")),
        session_id=_text(session["id"]),
        paid=session["payment_status"] == "paid",
        amount=_whole(session["amount_total"]),
        currency=_text(session["currency"]),
    )


def _ended(session: dict[str, Any], event: dict[str, Any]) -> SessionEnded:
    subject = _subject(session, session.get("client_reference_id"))
    return SessionEnded(*subject, refused=event["type"].endswith("async_payment_failed"))


def _attempt_failed(intent: dict[str, Any], _event: dict[str, Any]) -> AttemptFailed:
    payment_id, _ = _subject(intent)
    error = intent.get("last_payment_error") or {}
    return AttemptFailed(payment_id, _text(intent["id"]), reason=str(error.get("message") or _DECLINED))


def _refunded(charge: dict[str, Any], _event: dict[str, Any]) -> Refunded:
    return Refunded(
        *_subject(charge),
        amount=_whole(charge["amount"]),
        refunded=_whole(charge["amount_refunded"]),
        currency=_text(charge["currency"]),
    )


def _disputed(dispute: dict[str, Any], event: dict[str, Any]) -> Disputed:
    status = _text(dispute["status"])
    # an inquiry ("warning_…") moves no money and a prevented dispute is a refund, which is told as such; any other
    # dispute takes the money on its first day and gives it back only if it is won
    keeps = not status.startswith("warning_") and status not in ("won", "prevented")
    return Disputed(
        *_subject(dispute),
        dispute_id=_text(dispute["id"]),
        withdrawn=_whole(dispute["amount"]) if keeps else 0,
        currency=_text(dispute["currency"]),
        status=status,
        closed=event["type"].endswith(".closed"),
        told_at=_moment(event["created"]),
    )


def _subject(thing: dict[str, Any], reference: object = None) -> tuple[str | None, str | None]:
    given = (thing.get("metadata") or {}).get("payment_id") or reference
    intent = thing.get("payment_intent")
    if isinstance(intent, dict):  # expanded
        intent = intent.get("id")
    return (given if isinstance(given, str) else None), (intent if isinstance(intent, str) else None)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} is no amount")
    return value


def _moment(value: object) -> datetime:
    """From unix seconds."""
    try:
        return datetime.fromtimestamp(_whole(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TypeError(f"{value!r} is no time") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is no text")
    return value


_READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Told]] = {
    "checkout.session.completed": _completed,
    "checkout.session.async_payment_succeeded": _completed,
    "checkout.session.async_payment_failed": _ended,
    "checkout.session.expired": _ended,
    "payment_intent.payment_failed": _attempt_failed,
    "charge.refunded": _refunded,
    "charge.dispute.created": _disputed,
    "charge.dispute.funds_reinstated": _disputed,
    "charge.dispute.funds_withdrawn": _disputed,
    "charge.dispute.updated": _disputed,
    "charge.dispute.closed": _disputed,
}
