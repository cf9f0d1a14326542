"""Events from the payment gateway: verified, stored once and queued for a worker before they are answered."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from db.clock import now
from db.dialects import insert
from db.models import PaymentEvent
from services.billing.errors import BadEvent
from services.billing.gateway.choice import current_gateway
from services.engine import client
from services.engine.tasks import Queue

ADDRESS = "/webhooks/stripe"
TASK = "apply_payment_event"
QUEUE = Queue("payments", lambda: 2)
_NUL = re.compile(rb"(?<!\\)(\\\\)*\\u0000")  # as JSON writes it


@dataclass(frozen=True)
class Received:
    """An event that is safely with us; `first` is false for a repeat."""

    event_id: str
    first: bool


def receive(body: bytes, signature: str) -> Received:
    """Take an event, raw as it came. Stored and enqueued in one transaction; a repeat changes nothing.

    Raises `BadSignature`, or `BadEvent` for a signed body that is no event.
    """
    current_gateway().verify(body, signature)
    event_id, kind, payload = _parse(body)
    client.client()  # opened before the transaction: its first use creates the engine's tables
    with db.transaction() as session:
        first = _insert_once(session, event_id, kind, payload)
        if first:
            client.enqueue(session, TASK, event_id, event_id, queue=QUEUE.name)
    return Received(event_id, first)


def _parse(body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Raises `BadEvent` also for what PostgreSQL cannot keep: NUL, half a surrogate pair, a number that is none."""
    if _NUL.search(body):
        raise BadEvent
    try:
        payload = json.loads(body)
        json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise BadEvent from error
    if not isinstance(payload, dict) or payload.get("object") != "event":
        raise BadEvent
    event_id, kind = payload.get("id"), payload.get("type")
    if not (isinstance(event_id, str) and event_id and isinstance(kind, str)):
        raise BadEvent
    return event_id, kind, payload


def _insert_once(session: Session, event_id: str, kind: str, payload: dict[str, Any]) -> bool:
    """Whether the event is new: the primary key decides, also between two that arrive at once."""
    statement = (
        insert(session, PaymentEvent)
        .values(id=event_id, kind=kind, payload=payload, received_at=now(), outcome="")
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(col(PaymentEvent.id))
    )
    return session.execute(statement.execution_options(synchronize_session=False)).first() is not None


def unapplied_events(session: Session, older_than: datetime, limit: int) -> list[str]:
    """Ids of stored events that nobody has applied yet, received before `older_than`, oldest first."""
    query = (
        sa.select(col(PaymentEvent.id))
        .where(col(PaymentEvent.applied_at).is_(None), col(PaymentEvent.received_at) < older_than)
        .order_by(col(PaymentEvent.received_at))
        .limit(limit)
    )
    return list(session.scalars(query))
