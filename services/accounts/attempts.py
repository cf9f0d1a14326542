"""Limits on password guessing: how many sign-ins may fail for an account, and from an address, before it must wait.

An attempt is recorded as failed *before* the password is checked, and as a success afterwards. So a hundred guesses
sent at once count as a hundred.
"""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from db import now, transaction
from db.locks import lock_names
from db.models import SecurityEvent
from services.accounts.errors import TooManyAttempts, wait_in_words
from services.accounts.security_events import record

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10
PER_ADDRESS = 50  # an office or a school may share one address
REGISTRATION_WINDOW = timedelta(hours=1)
REGISTRATIONS_PER_ADDRESS = 30

FAILED = "sign_in_failed"
SUCCEEDED = "sign_in"
LOCKED_OUT = "sign_in_locked_out"
REGISTRATION = "registration"
REGISTRATION_LIMITED = "registration_limited"


@dataclass(frozen=True)
class Attempt:
    """One attempt, already counted as failed."""

    event_id: str


def begin(email_key: str, address: str, *, via: str) -> Attempt:
    """Count one attempt, or raise `TooManyAttempts` with the wait. `address` may be empty (no network involved)."""
    with transaction() as session:
        lock_names(session, f"attempt:{email_key}", f"attempt-from:{address}")
        wait = max(_account_wait(session, email_key), _address_wait(session, address))
        kind = LOCKED_OUT if wait > 0 else FAILED
        event_id = record(session, kind, email_key=email_key, address=address, via=via)
    if wait > 0:
        raise TooManyAttempts(
            f"Too many sign-ins failed. Please wait {wait_in_words(wait)} and try again.",
            retry_after=wait,
        )
    return Attempt(event_id)


def succeeded(session: Session, attempt: Attempt, user_id: str) -> None:
    """Turn the attempt into a success; the account's earlier failures no longer count."""
    session.execute(
        sa.update(SecurityEvent)
        .where(col(SecurityEvent.id) == attempt.event_id)
        .values(kind=SUCCEEDED, user_id=user_id)
    )


def begin_registration(email_key: str, address: str) -> None:
    """Count one registration from an address, or raise `TooManyAttempts`: it limits probing for existing accounts."""
    with transaction() as session:
        lock_names(session, f"registration-from:{address}")
        wait = 0.0
        if address:
            mine = (col(SecurityEvent.kind) == REGISTRATION, col(SecurityEvent.address) == address)
            wait = _wait(session, REGISTRATIONS_PER_ADDRESS, REGISTRATION_WINDOW, *mine)
        record(session, REGISTRATION_LIMITED if wait > 0 else REGISTRATION, email_key=email_key, address=address)
    if wait > 0:
        raise TooManyAttempts(
            f"Too many accounts were made from your network. Please wait {wait_in_words(wait)}.", retry_after=wait
        )


def _account_wait(session: Session, email_key: str) -> float:
    subject = col(SecurityEvent.email_key) == email_key
    last_success = (
        sa.select(sa.func.max(col(SecurityEvent.created_at)))
        .where(col(SecurityEvent.kind) == SUCCEEDED, subject)
        .scalar_subquery()
    )
    since_success = sa.or_(last_success.is_(None), col(SecurityEvent.created_at) > last_success)
    return _wait(session, PER_ACCOUNT, WINDOW, col(SecurityEvent.kind) == FAILED, subject, since_success)


def _address_wait(session: Session, address: str) -> float:
    if not address:
        return 0.0
    subject = col(SecurityEvent.address) == address
    return _wait(session, PER_ADDRESS, WINDOW, col(SecurityEvent.kind) == FAILED, subject)


def _wait(session: Session, limit: int, window: timedelta, *which: sa.ColumnElement[bool]) -> float:
    """Seconds until fewer than `limit` of these events fall within `window`; 0 if that is so already."""
    created = col(SecurityEvent.created_at)
    found = session.execute(
        sa.select(created).where(created > now() - window, *which).order_by(created.desc()).offset(limit - 1).limit(1)
    ).scalar_one_or_none()
    return max(0.0, (found + window - now()).total_seconds()) if found else 0.0
