"""Bearer credentials: short-lived signed access tokens with rotating refresh tokens, and API keys."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

import jwt
import sqlalchemy as sa
from sqlmodel import Session, col

from config import settings
from db import new_id, now, snapshot, transaction
from db.models import RefreshToken, User
from services.accounts import api_keys, registration, sessions
from services.accounts.actor import Actor
from services.accounts.errors import AccountSuspended, Unauthenticated
from services.accounts.security_events import record

ACCESS_SECONDS = 15 * 60
REFRESH_DAYS = 30
_ALGORITHM = "HS256"
_AUDIENCE = "vitrine-api"


@dataclass(frozen=True)
class TokenPair:
    """What an API client gets when it signs in with a password; `expires_in` is in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int = ACCESS_SECONDS


def issue_tokens(email: str, password: str, *, address: str = "") -> TokenPair:
    """Sign in over the API. Raises `WrongCredentials`, `TooManyAttempts` or `AccountSuspended`."""
    user, attempt = sessions.prove_password(email, password, address=address, via="api")
    with transaction() as session:
        sessions.accept(session, attempt, user)
        return _pair(session, user.id, new_id("fam"))


def register_for_tokens(email: str, password: str, name: str, *, accepted_terms: bool, address: str = "") -> TokenPair:
    """Create an account over the API, by the rules of `registration.register`."""
    user = registration.new_account(email, password, name, accepted_terms=accepted_terms, address=address)
    with transaction() as session:
        return _pair(session, user.id, new_id("fam"))


def refresh_tokens(refresh_token: str) -> TokenPair:
    """Exchange a refresh token for the next pair. A used one revokes its family: somebody has a copy of it."""
    with transaction() as session:
        row = session.scalars(
            sa.select(RefreshToken)
            .where(col(RefreshToken.token_hash) == sessions.digest(refresh_token))
            .with_for_update()
        ).one_or_none()
        suspended = (
            row
            and session.execute(
                sa.select(col(User.suspended_at)).where(col(User.id) == row.user_id)
            ).scalar_one_or_none()
        )
        if row and row.used_at is None and row.revoked_at is None and row.expires_at > now() and not suspended:
            row.used_at = now()
            return _pair(session, row.user_id, row.family)
        if row and row.used_at is not None and row.revoked_at is None:
            _revoke_family(session, row.family)
            record(session, "refresh_token_reused", user_id=row.user_id, family=row.family)
    raise Unauthenticated("This refresh token is not valid any more. Sign in again.")


def revoke_tokens(actor: Actor, refresh_token: str | None = None) -> None:
    """Sign an API client out: revokes the family of its access token, or of the refresh token it names."""
    with transaction() as session:
        family = actor.token_family
        if refresh_token:
            family = session.execute(
                sa.select(col(RefreshToken.family)).where(
                    col(RefreshToken.token_hash) == sessions.digest(refresh_token),
                    col(RefreshToken.user_id) == actor.id,
                )
            ).scalar_one_or_none()
        if family:
            _revoke_family(session, family)
            record(session, "tokens_revoked", user_id=actor.id, family=family)


def end_all(session: Session, user_id: str) -> None:
    """End every API sign-in of a person in the caller's transaction, access tokens included."""
    session.execute(
        sa.update(RefreshToken)
        .where(col(RefreshToken.user_id) == user_id, col(RefreshToken.revoked_at).is_(None))
        .values(revoked_at=now())
    )


def _revoke_family(session: Session, family: str) -> None:
    session.execute(
        sa.update(RefreshToken)
        .where(col(RefreshToken.family) == family, col(RefreshToken.revoked_at).is_(None))
        .values(revoked_at=now())
    )


def _pair(session: Session, user_id: str, family: str) -> TokenPair:
    refresh = f"vrt_{secrets.token_urlsafe(32)}"
    session.add(
        RefreshToken(
            user_id=user_id,
            family=family,
            token_hash=sessions.digest(refresh),
            expires_at=now() + timedelta(days=REFRESH_DAYS),
        )
    )
    moment = now()
    claims = {
        "sub": user_id,
        "aud": _AUDIENCE,
        "fam": family,
        "iat": moment,
        "exp": moment + timedelta(seconds=ACCESS_SECONDS),
        "jti": secrets.token_hex(8),
    }
    access = jwt.encode(claims, settings().secret_key.get_secret_value(), algorithm=_ALGORITHM)
    return TokenPair(access, refresh)


def actor_for_bearer(token: str) -> Actor:
    """The actor of an API key or access token, checked against the database. Raises `Unauthenticated`."""
    if token.startswith(api_keys.PREFIX):
        return api_keys.actor_for_key(token)
    return _actor_for_access_token(token)


def _actor_for_access_token(token: str) -> Actor:
    try:
        claims = jwt.decode(
            token,
            settings().secret_key.get_secret_value(),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "exp", "fam", "aud"], "verify_exp": False, "verify_iat": False},
        )
    except (jwt.InvalidTokenError, ValueError) as error:
        raise Unauthenticated from error
    if not isinstance(claims["exp"], int) or not isinstance(claims["fam"], str):
        raise Unauthenticated
    if claims["exp"] <= now().timestamp():  # by our clock, which tests can move
        raise Unauthenticated("This access token has expired. Use the refresh token to get a new one.")
    ended = (
        sa.select(col(RefreshToken.id))
        .where(col(RefreshToken.family) == claims["fam"], col(RefreshToken.revoked_at).is_not(None))
        .exists()
    )
    with snapshot() as session:
        row = session.execute(sa.select(User, ended).where(col(User.id) == claims["sub"])).one_or_none()
    if row is None or row[1]:
        raise Unauthenticated
    user = row[0]
    if user.suspended_at is not None:
        raise AccountSuspended
    return Actor(user.id, user.email, user.name, user.role, user.tier, user.theme, token_family=claims["fam"])
