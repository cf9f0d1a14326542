"""Browser sessions: a random token in a cookie, its SHA-256 in the database, checked there on every call."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from config import settings
from db import new_id, now, snapshot, transaction
from db.models import User, UserSession
from services.accounts import attempts, passwords
from services.accounts.actor import Actor
from services.accounts.emails import email_key
from services.accounts.errors import AccountSuspended, WrongCredentials
from services.accounts.security_events import record
from services.errors import NotFound

COOKIE = "vitrine_session"


@dataclass(frozen=True)
class SignedIn:
    """A new session. `token` goes into the cookie and nowhere else; `csrf` into the forms of its pages."""

    actor: Actor
    token: str
    csrf: str


@dataclass(frozen=True)
class SessionView:
    """One of a person's sessions, for the list in which they can end it."""

    id: str
    user_agent: str
    address: str
    created_at: datetime
    seen_at: datetime
    is_current: bool


def sign_in(email: str, password: str, *, address: str = "", user_agent: str = "") -> SignedIn:
    """Open a session. Raises `WrongCredentials`, `TooManyAttempts` or (password right) `AccountSuspended`."""
    user, attempt = prove_password(email, password, address=address, via="browser")
    with transaction() as session:
        accept(session, attempt, user)
        return open_session(session, user, address=address, user_agent=user_agent)


def prove_password(email: str, password: str, *, address: str, via: str) -> tuple[User, attempts.Attempt]:
    """The account whose password this is, and the attempt, still counted as failed until the caller says otherwise."""
    key = email_key(email)
    attempt = attempts.begin(key, address, via=via)
    with snapshot() as session:
        user = session.scalars(sa.select(User).where(col(User.email_key) == key)).one_or_none()
    if not passwords.matches(password, user.password_hash if user else None) or user is None:
        raise WrongCredentials
    if user.suspended_at is not None:
        raise AccountSuspended
    return user, attempt


def accept(session: Session, attempt: attempts.Attempt, user: User) -> None:
    """Count the attempt as a success. Raises `WrongCredentials` if the password was changed since it was proved."""
    same = sa.select(col(User.id)).where(col(User.id) == user.id, col(User.password_hash) == user.password_hash)
    if session.execute(same.with_for_update(key_share=True)).one_or_none() is None:
        raise WrongCredentials
    attempts.succeeded(session, attempt, user.id)


def open_session(session: Session, user: User, *, address: str, user_agent: str) -> SignedIn:
    """Add a session row for `user` in the caller's transaction."""
    token = secrets.token_urlsafe(32)
    row = UserSession(
        id=new_id("ses"),
        user_id=user.id,
        token_hash=digest(token),
        user_agent=user_agent[:300],
        address=address,
        expires_at=now() + timedelta(seconds=settings().session_max_age_seconds),
    )
    session.add(row)
    return SignedIn(actor_of(user, session_id=row.id), token, csrf_token(token))


def actor_of(user: User, *, session_id: str | None = None) -> Actor:
    """The actor for an account proved by password."""
    return Actor(user.id, user.email, user.name, user.role, user.tier, user.theme, session_id=session_id)


def digest(secret: str) -> str:
    """SHA-256 in hex. Enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def csrf_token(seed: str) -> str:
    """The token that proves that a form is from our page; `seed` is a cookie that another site cannot read."""
    secret = settings().secret_key.get_secret_value().encode()
    return hmac.new(secret, b"csrf:" + seed.encode(errors="replace"), hashlib.sha256).hexdigest()


def csrf_matches(seed: str, given: str) -> bool:
    """Whether `given` is the token of `seed`, in constant time."""
    return hmac.compare_digest(csrf_token(seed).encode(), given.encode(errors="replace"))


_LIVE_COLUMNS = (
    col(UserSession.id),
    col(UserSession.seen_at),
    col(User.id),
    col(User.email),
    col(User.name),
    col(User.role),
    col(User.tier),
    col(User.theme),
)


def actor_for_session(token: str) -> Actor | None:
    """The actor of a session cookie; None if it is unknown, ended, too old or idle, or its account suspended."""
    if not token:
        return None
    moment = now()
    idle = settings().session_idle_seconds
    live = (
        sa.select(*_LIVE_COLUMNS)
        .join(User, col(User.id) == col(UserSession.user_id))
        .where(
            col(UserSession.token_hash) == digest(token),
            col(UserSession.revoked_at).is_(None),
            col(UserSession.expires_at) > moment,
            col(UserSession.seen_at) > moment - timedelta(seconds=idle),
            col(User.suspended_at).is_(None),
        )
    )
    with snapshot() as session:
        row = session.execute(live).one_or_none()
    if row is None:
        return None
    session_id, seen_at, user_id, email, name, role, tier, theme = row
    refresh_after = timedelta(seconds=min(60, idle / 4))  # one write a minute, not one a request
    if moment - seen_at > refresh_after:
        with transaction() as session:
            session.execute(
                sa.update(UserSession)
                .where(col(UserSession.id) == session_id, col(UserSession.seen_at) < moment)
                .values(seen_at=moment)
            )
    return Actor(user_id, email, name, role, tier, theme, session_id=session_id)


def sign_out(token: str) -> None:
    """End the session of this cookie; nothing happens if it had ended."""
    with transaction() as session:
        ended = session.execute(
            sa.update(UserSession)
            .where(col(UserSession.token_hash) == digest(token), col(UserSession.revoked_at).is_(None))
            .values(revoked_at=now())
            .returning(col(UserSession.user_id), col(UserSession.id))
        ).one_or_none()
        if ended:
            record(session, "sign_out", user_id=ended[0], session_id=ended[1])


def list_sessions(actor: Actor) -> list[SessionView]:
    """A person's live sessions, the most recently used first."""
    moment = now()
    with snapshot() as session:
        rows = session.scalars(
            sa.select(UserSession)
            .where(
                col(UserSession.user_id) == actor.id,
                col(UserSession.revoked_at).is_(None),
                col(UserSession.expires_at) > moment,
                col(UserSession.seen_at) > moment - timedelta(seconds=settings().session_idle_seconds),
            )
            .order_by(col(UserSession.seen_at).desc())
        ).all()
    return [
        SessionView(row.id, row.user_agent, row.address, row.created_at, row.seen_at, row.id == actor.session_id)
        for row in rows
    ]


def revoke_session(actor: Actor, session_id: str) -> None:
    """End one of the actor's own sessions. Raises `NotFound` for anyone else's."""
    with transaction() as session:
        ended = session.execute(
            sa.update(UserSession)
            .where(
                col(UserSession.id) == session_id,
                col(UserSession.user_id) == actor.id,
                col(UserSession.revoked_at).is_(None),
            )
            .values(revoked_at=now())
            .returning(col(UserSession.id))
        ).one_or_none()
        if ended is None:
            raise NotFound
        record(session, "session_revoked", user_id=actor.id, session_id=session_id)


def end_others(session: Session, actor: Actor) -> int:
    """End every browser session of a person but the one in use, in the caller's transaction; returns how many."""
    others = sa.update(UserSession).where(
        col(UserSession.user_id) == actor.id,
        col(UserSession.id).is_distinct_from(actor.session_id),
        col(UserSession.revoked_at).is_(None),
    )
    return len(session.execute(others.values(revoked_at=now()).returning(col(UserSession.id))).all())
