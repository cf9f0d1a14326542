"""The record of sign-ins, sign-ups and changes of credentials."""

from typing import Any

from sqlmodel import Session

from db.models import SecurityEvent


def record(
    session: Session,
    kind: str,
    *,
    user_id: str | None = None,
    email_key: str = "",
    address: str = "",
    **details: Any,
) -> str:
    """Write one event in the caller's transaction; returns its id. Never pass a secret in `details`."""
    event = SecurityEvent(kind=kind, user_id=user_id, email_key=email_key, address=address, details=details)
    session.add(event)
    return event.id
