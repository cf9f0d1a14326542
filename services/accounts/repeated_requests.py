"""Stored answers of requests with an Idempotency-Key: a repeated request gets the first answer and changes nothing.

One row per account and key. It is claimed before the request runs and completed after; of two requests that arrive at
once, the primary key lets one run. A claim whose process died can be taken over after `ABANDONED_AFTER`, one that was
abandoned at once. Both keep their `run_key`: what the first attempt may have started under it is found, not repeated.
Bodies are kept encrypted: an answer may hold the secret of a new API key, or somebody's picture.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from db import new_id, now, transaction
from db.dialects import insert
from db.models import IdempotencyRecord
from services.accounts.sealing import seal, unseal
from services.errors import Conflict, Invalid

KEPT = timedelta(hours=24)
ABANDONED_AFTER = timedelta(minutes=5)  # longer than any request may take
_SWEEP_EVERY = timedelta(hours=1)
_ABANDONED = 0
_PURPOSE = "idempotent-answer"
_swept_at: datetime | None = None


class IdempotencyMismatch(Invalid):
    code = "idempotency_mismatch"
    message = "This Idempotency-Key was used before with another request. Use a new key for a new request."


class IdempotencyInFlight(Conflict):
    code = "idempotency_in_flight"
    message = "The first request with this Idempotency-Key is still running. Ask again in a moment."
    retryable = True


@dataclass(frozen=True)
class StoredAnswer:
    """An answer to send again, byte for byte."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Claim:
    """The right to run the request: complete, forget or abandon it."""

    user_id: str
    key: str
    run_key: str
    claimed_at: datetime


def claim(user_id: str, key: str, fingerprint: str) -> Claim | StoredAnswer:
    """Claim a key, or get its stored answer. Raises `IdempotencyMismatch` or `IdempotencyInFlight`."""
    with transaction() as session:
        moment = now()
        _sweep_now_and_then(session, moment)
        run_key = new_id("run")
        fresh = {
            "user_id": user_id,
            "key": key,
            "fingerprint": fingerprint,
            "run_key": run_key,
            "headers": {},
            "created_at": moment,
        }
        inserted = session.execute(
            insert(session, IdempotencyRecord)
            .values(**fresh)
            .on_conflict_do_nothing(index_elements=["user_id", "key"])
            .returning(col(IdempotencyRecord.key))
        ).first()
        if inserted:
            return Claim(user_id, key, run_key, moment)
        known = session.scalars(sa.select(IdempotencyRecord).where(*_is(user_id, key)).with_for_update()).one_or_none()
        if known is None:  # freed between the two statements: the caller may simply retry
            raise IdempotencyInFlight(retry_after=1)
        expired = known.created_at <= moment - KEPT
        if known.fingerprint != fingerprint and not expired:
            raise IdempotencyMismatch
        if known.status and not expired:
            body = unseal(known.body or b"", purpose=_PURPOSE, owner=f"{user_id}:{key}")
            if body is None:  # the secret key was changed since: no answer is better than a second run
                raise Conflict("The first answer to this Idempotency-Key cannot be read any more. Use a new key.")
            return StoredAnswer(known.status, dict(known.headers), body)
        if not expired and known.status is None and known.created_at > moment - ABANDONED_AFTER:
            raise IdempotencyInFlight(retry_after=1)
        if expired:
            known.run_key = run_key
        known.fingerprint, known.created_at, known.status, known.body = fingerprint, moment, None, None
        return Claim(user_id, key, known.run_key, moment)


def complete(claimed: Claim, answer: StoredAnswer) -> None:
    """Store the answer for repeated requests, unless another request has taken the claim over."""
    sealed = seal(answer.body, purpose=_PURPOSE, owner=f"{claimed.user_id}:{claimed.key}")
    with transaction() as session:
        session.execute(
            sa.update(IdempotencyRecord)
            .where(*_is(claimed.user_id, claimed.key), col(IdempotencyRecord.created_at) == claimed.claimed_at)
            .values(status=answer.status, headers=answer.headers, body=sealed)
        )


def forget(claimed: Claim) -> None:
    """Free the key: the request was refused before it did anything."""
    with transaction() as session:
        session.execute(sa.delete(IdempotencyRecord).where(*_still_mine(claimed)))


def abandon(claimed: Claim) -> None:
    """Let the next request with this key run, under the same `run_key`: this one may have done half its work."""
    with transaction() as session:
        session.execute(sa.update(IdempotencyRecord).where(*_still_mine(claimed)).values(status=_ABANDONED))


def sweep(session: Session) -> None:
    """Delete the answers that are older than `KEPT`."""
    session.execute(sa.delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) < now() - KEPT))


def _sweep_now_and_then(session: Session, moment: datetime) -> None:
    global _swept_at
    if _swept_at is None or abs(moment - _swept_at) > _SWEEP_EVERY:
        _swept_at = moment
        sweep(session)


def _still_mine(claimed: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        *_is(claimed.user_id, claimed.key),
        col(IdempotencyRecord.created_at) == claimed.claimed_at,
        col(IdempotencyRecord.status).is_(None),
    )


def _is(user_id: str, key: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return col(IdempotencyRecord.user_id) == user_id, col(IdempotencyRecord.key) == key
