"""The events that matter to us, read from Stripe's JSON (https://docs.stripe.com/api/events/types, November 2026)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from services.billing.gateway.contract import (
    AttemptFailed,
    Disputed,
    PaymentFact,
    Refunded,
    SessionCompleted,
    SessionEnded,
)


class MalformedEvent(Exception):
    """An event of a kind that we know lacks a field that it must have."""


_DECLINED = "The payment was declined."


def read_event(kind: str, payload: dict[str, Any]) -> PaymentFact | None:
    """What an event says; None if it does not concern us. Raises `MalformedEvent`."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    try:
        return reader(payload["data"]["object"], payload)
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedEvent(f"{kind}: {error!r}") from error


def _completed(session: dict[str, Any], _event: dict[str, Any]) -> SessionCompleted:
    return SessionCompleted(
        *_reference(session, session.get("client_reference_id")),
        session_id=_text(session["id"]),
        paid=session["payment_status"] == "paid",
        amount=_whole(session["amount_total"]),
        currency=_text(session["currency"]),
    )


def _ended(session: dict[str, Any], event: dict[str, Any]) -> SessionEnded:
    reference = _reference(session, session.get("client_reference_id"))
    return SessionEnded(*reference, refused=event["type"].endswith("async_payment_failed"))


def _attempt_failed(intent: dict[str, Any], _event: dict[str, Any]) -> AttemptFailed:
    payment_id, _ = _reference(intent)
    error = intent.get("last_payment_error") or {}
    return AttemptFailed(payment_id, _text(intent["id"]), reason=str(error.get("message") or _DECLINED))


def _refunded(charge: dict[str, Any], _event: dict[str, Any]) -> Refunded:
    return Refunded(
        *_reference(charge),
        amount=_whole(charge["amount"]),
        refunded=_whole(charge["amount_refunded"]),
        currency=_text(charge["currency"]),
    )


def _disputed(dispute: dict[str, Any], event: dict[str, Any]) -> Disputed:
    status = _text(dispute["status"])
    # an inquiry ("warning_…") moves no money and a prevented dispute is a refund, which has its own event; any other
    # dispute takes the money on its first day and gives it back only if it is won
    keeps = not status.startswith("warning_") and status not in ("won", "prevented")
    return Disputed(
        *_reference(dispute),
        dispute_id=_text(dispute["id"]),
        withdrawn=_whole(dispute["amount"]) if keeps else 0,
        currency=_text(dispute["currency"]),
        status=status,
        closed=event["type"].endswith(".closed"),
        as_of=_moment(event["created"]),
    )


def _reference(thing: dict[str, Any], client_reference: object = None) -> tuple[str | None, str | None]:
    given = (thing.get("metadata") or {}).get("payment_id") or client_reference
    intent = thing.get("payment_intent")
    if isinstance(intent, dict):  # expanded
        intent = intent.get("id")
    return (given if isinstance(given, str) else None), (intent if isinstance(intent, str) else None)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(f"{value!r} is not an amount")
    return value


def _moment(value: object) -> datetime:
    """From unix seconds."""
    try:
        return datetime.fromtimestamp(_whole(value), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise TypeError(f"{value!r} is not a time") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"{value!r} is not text")
    return value


_READERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], PaymentFact]] = {
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
