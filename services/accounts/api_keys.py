"""API keys: shown once, stored as SHA-256, with a name, scopes, and optionally an expiry and a rate limit."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from db import new_id, now, read, snapshot, transaction
from db.locks import lock_names
from db.models import ApiKey, User
from services.accounts.actor import ALL_SCOPES, Actor
from services.accounts.errors import AccountSuspended, Unauthenticated
from services.accounts.permissions import Permission
from services.accounts.security_events import record
from services.accounts.sessions import digest
from services.errors import Conflict, FieldError, Forbidden, Invalid, NotFound

PREFIX = "vit_"
MAX_KEYS = 50
DEFAULT_SCOPES = ("read", "write")
_USE_RECORDED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class ApiKeyView:
    """A key without its secret; `hint` is the secret's last four characters."""

    id: str
    name: str
    hint: str
    scopes: tuple[str, ...]
    rate_limit_per_minute: int | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True)
class NewApiKey:
    """A key just created: the only time its secret is shown."""

    key: ApiKeyView
    secret: str


def create_api_key(
    actor: Actor,
    name: str,
    scopes: Iterable[str] = DEFAULT_SCOPES,
    expires_at: datetime | None = None,
    *,
    rate_limit_per_minute: int | None = None,
) -> NewApiKey:
    """Create a key. Its scopes and its expiry cannot go beyond those of the credential in use."""
    actor.require_scope("write")
    chosen = _checked_scopes(actor, scopes)
    name = _checked_name(name)
    if expires_at is not None and expires_at <= now():
        message = "The expiry date must be in the future."
        raise Invalid(message, errors=(FieldError("expires_at", message),))
    secret, hashed, hint = _new_secret()
    with transaction() as session:
        lock_names(session, f"keys:{actor.id}")
        held = sa.select(sa.func.count()).where(col(ApiKey.user_id) == actor.id, col(ApiKey.revoked_at).is_(None))
        if session.execute(held).scalar_one() >= MAX_KEYS:
            raise Conflict(f"You already have {MAX_KEYS} keys, the maximum. Revoke one you no longer use.")
        row = ApiKey(
            id=new_id("key"),
            user_id=actor.id,
            name=name,
            secret_hash=hashed,
            hint=hint,
            scopes=chosen,
            rate_limit_per_minute=rate_limit_per_minute,
            expires_at=_no_later_than_parent(session, actor, expires_at),
        )
        session.add(row)
        record(session, "api_key_created", user_id=actor.id, key_id=row.id, scopes=chosen)
    return NewApiKey(_view(row), secret)


def list_api_keys(actor: Actor) -> list[ApiKeyView]:
    """A person's keys, newest first: expired ones too, revoked ones not."""
    actor.require_scope("read")
    with snapshot() as session:
        rows = session.scalars(
            sa.select(ApiKey)
            .where(col(ApiKey.user_id) == actor.id, col(ApiKey.revoked_at).is_(None))
            .order_by(col(ApiKey.id).desc())
        ).all()
    return [_view(row) for row in rows]


def revoke_api_key(actor: Actor, key_id: str) -> None:
    """Disable a key immediately and permanently."""
    actor.require_scope("write")
    with transaction() as session:
        row = _own(session, actor, key_id)
        row.revoked_at = now()
        record(session, "api_key_revoked", user_id=actor.id, key_id=row.id)


def regenerate_api_key(actor: Actor, key_id: str) -> NewApiKey:
    """Replace the secret of a key; the old one stops working at once. Name, scopes and expiry stay."""
    actor.require_scope("write")
    with transaction() as session:
        row = _own(session, actor, key_id)
        _checked_scopes(actor, row.scopes)
        secret, row.secret_hash, row.hint = _new_secret()
        row.last_used_at = None
        record(session, "api_key_regenerated", user_id=actor.id, key_id=row.id)
    return NewApiKey(_view(row), secret)


def _own(session: Session, actor: Actor, key_id: str) -> ApiKey:
    row = session.scalars(
        sa.select(ApiKey)
        .where(col(ApiKey.id) == key_id, col(ApiKey.user_id) == actor.id, col(ApiKey.revoked_at).is_(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound
    return row


def _no_later_than_parent(session: Session, actor: Actor, expires_at: datetime | None) -> datetime | None:
    """A key that expires must not be able to create one that outlives it."""
    if actor.key_id is None:
        return expires_at
    limit = session.execute(
        sa.select(col(ApiKey.expires_at)).where(col(ApiKey.id) == actor.key_id)
    ).scalar_one_or_none()
    return min(filter(None, (limit, expires_at)), default=None)


def _new_secret() -> tuple[str, str, str]:
    secret = PREFIX + secrets.token_urlsafe(32)
    return secret, digest(secret), secret[-4:]


def _checked_scopes(actor: Actor, scopes: Iterable[str]) -> list[str]:
    chosen = set(scopes)
    if not chosen or not chosen <= ALL_SCOPES:
        message = f"Choose at least one scope of {', '.join(sorted(ALL_SCOPES))}."
        raise Invalid(message, errors=(FieldError("scopes", message),))
    if not chosen <= actor.scopes or ("admin" in chosen and not actor.may(Permission.USE_STAFF_API)):
        raise Forbidden("A key cannot be given scopes that you do not have yourself.")
    return [scope for scope in ("read", "write", "billing", "admin") if scope in chosen]


def _checked_name(name: str) -> str:
    trimmed = name.strip()
    if not 1 <= len(trimmed) <= 100 or not trimmed.isprintable():
        message = "Give the key a name of 1 to 100 plain characters, such as 'Shop import'."
        raise Invalid(message, errors=(FieldError("name", message),))
    return trimmed


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        row.id,
        row.name,
        row.hint,
        tuple(row.scopes),
        row.rate_limit_per_minute,
        row.created_at,
        row.last_used_at,
        row.expires_at,
    )


# Built once and run without the unit of work: this is on the path of every API call.
_BY_SECRET = (
    sa.select(
        col(ApiKey.id),
        col(ApiKey.scopes),
        col(ApiKey.rate_limit_per_minute),
        col(ApiKey.last_used_at),
        col(ApiKey.expires_at),
        col(ApiKey.revoked_at),
        col(User.id),
        col(User.email),
        col(User.name),
        col(User.role),
        col(User.tier),
        col(User.theme),
        col(User.suspended_at),
    )
    .join(User, col(User.id) == col(ApiKey.user_id))
    .where(col(ApiKey.secret_hash) == sa.bindparam("hashed"))
)


def actor_for_key(secret: str) -> Actor:
    """The actor that a key belongs to: one indexed read. Raises `Unauthenticated` or `AccountSuspended`."""
    moment = now()
    rows = read(_BY_SECRET, {"hashed": digest(secret)})
    if not rows:
        raise Unauthenticated("We do not know this API key. Check that you copied all of it.")
    key_id, scopes, rate, last_used, expires, revoked, user_id, email, name, role, tier, theme, suspended = tuple(
        rows[0]
    )
    if revoked is not None:
        raise Unauthenticated("This API key was revoked. Make a new one.")
    if expires is not None and expires <= moment:
        raise Unauthenticated("This API key has expired. Make a new one.")
    if suspended is not None:
        raise AccountSuspended
    if last_used is None or moment - last_used > _USE_RECORDED_EVERY:
        with transaction() as session:
            session.execute(sa.update(ApiKey).where(col(ApiKey.id) == key_id).values(last_used_at=moment))
    return Actor(user_id, email, name, role, tier, theme, frozenset(scopes), key_id=key_id, rate_limit_per_minute=rate)
