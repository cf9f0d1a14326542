"""Creating accounts: by the sign-up form, over the API, and from the command line."""

import unicodedata
from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import Session, col

from config import settings
from db import new_id, now, snapshot, transaction
from db.locks import lock_names
from db.models import Role, Tier, User
from services import events
from services.accounts import attempts, passwords, sessions
from services.accounts.actor import Actor
from services.accounts.emails import checked_email, email_key
from services.accounts.errors import AccountSuspended, RegistrationRefused, WrongCredentials
from services.accounts.event_types import UserRegistered
from services.accounts.permissions import CUSTOMER, OWNER
from services.accounts.security_events import record
from services.accounts.sessions import SignedIn
from services.entitlements.tiers import STARTING_TIER
from services.errors import Conflict, FieldError, Invalid, NotFound

Opening = Callable[[Session, str, int], None]
_opening: Opening | None = None


def open_with(opening: Opening) -> None:
    """Call `opening(session, user_id, extra_credits)` for each new account, in the transaction that creates it.

    This room may not import credits, which are above it; `services.bootstrap` connects the two.
    """
    global _opening
    _opening = opening


def _open(session: Session, user_id: str, extra_credits: int) -> None:
    if _opening is None:
        raise RuntimeError("services.bootstrap.start has to run before accounts are created")
    _opening(session, user_id, extra_credits)


def register(
    email: str, password: str, name: str = "", *, accepted_terms: bool, address: str = "", user_agent: str = ""
) -> SignedIn:
    """Create an account with its credit account and sign it in.

    An address that is taken gets the answer of any refusal, after the same work: `RegistrationRefused`. If the
    password is that account's own (a double click, or somebody who forgot they had signed up), they are signed in.
    """
    user = new_account(email, password, name, accepted_terms=accepted_terms, address=address)
    with transaction() as session:
        return sessions.open_session(session, user, address=address, user_agent=user_agent)


def new_account(email: str, password: str, name: str, *, accepted_terms: bool, address: str) -> User:
    """The account that this registration created, or the one that the same person already had."""
    email = checked_email(email)
    name = checked_name(name)
    if not accepted_terms:
        message = "Please accept the terms to open an account."
        raise Invalid(message, errors=(FieldError("accepted_terms", message),))
    passwords.require_acceptable(password, email, name)
    attempts.begin_registration(email_key(email), address)
    if _is_taken(email):
        return _returning(email, password, address)
    hashed = passwords.hash_password(password)  # a quarter of a second: before the transaction, not in it
    with transaction() as session:
        lock_names(session, "first-account", f"register:{email_key(email)}")
        first = session.execute(sa.select(col(User.id)).limit(1)).first() is None
        if session.execute(sa.select(col(User.id)).where(col(User.email_key) == email_key(email))).first():
            raise RegistrationRefused
        user = _add(session, email, hashed, name)
        user.terms_accepted_at = now()
        if first and settings().env != "production":
            user.role = OWNER
        session.flush()
        _open(session, user.id, 0)
        record(session, "registered", user_id=user.id, email_key=user.email_key, address=address, role=user.role)
        events.record(session, UserRegistered(user_id=user.id, origin="sign_up", tier=user.tier))
    return user


def _is_taken(email: str) -> bool:
    with snapshot() as session:
        return (
            session.execute(sa.select(col(User.id)).where(col(User.email_key) == email_key(email))).first() is not None
        )


def _returning(email: str, password: str, address: str) -> User:
    try:
        user, attempt = sessions.prove_password(email, password, address=address, via="registration")
    except (WrongCredentials, AccountSuspended) as refused:
        raise RegistrationRefused from refused
    with transaction() as session:
        sessions.accept(session, attempt, user)
    return user


def checked_name(name: str) -> str:
    """A name without control characters, at most 100 characters."""
    trimmed = " ".join(name.split())
    if len(trimmed) > 100 or any(unicodedata.category(letter)[0] == "C" for letter in trimmed):
        message = "Use at most 100 plain characters for the name."
        raise Invalid(message, errors=(FieldError("name", message),))
    return trimmed


def _add(session: Session, email: str, hashed: str, name: str) -> User:
    user = User(id=new_id("usr"), email=email, email_key=email_key(email), name=name, password_hash=hashed)
    session.add(user)
    return user


def create_user(
    email: str, password: str, role: str = CUSTOMER, tier: str = STARTING_TIER, credits: int = 0, name: str = ""
) -> Actor:
    """Create an account on behalf of whoever runs the installation. Raises `Conflict` if the address is taken."""
    email = checked_email(email)
    passwords.require_acceptable(password, email, name)
    role, tier = _member(Role, role, "role"), _member(Tier, tier, "tier")
    if credits < 0:
        raise Invalid("Credits to start with cannot be negative.")
    hashed = passwords.hash_password(password)
    with transaction() as session:
        lock_names(session, "first-account", f"register:{email_key(email)}")
        if session.execute(sa.select(col(User.id)).where(col(User.email_key) == email_key(email))).first():
            raise Conflict("There is already an account with this e-mail address.")
        user = _add(session, email, hashed, checked_name(name))
        user.role, user.tier = role, tier
        session.flush()
        _open(session, user.id, credits)
        record(session, "account_created", user_id=user.id, email_key=user.email_key, role=role, tier=tier)
        events.record(session, UserRegistered(user_id=user.id, origin="command_line", tier=tier))
    return sessions.actor_of(user)


def actor_for_email(email: str) -> Actor:
    """The account with this address, for whoever runs the installation. Raises `NotFound`."""
    with snapshot() as session:
        user = session.scalars(sa.select(User).where(col(User.email_key) == email_key(email))).one_or_none()
    if user is None:
        raise NotFound(f"There is no account with the address {email}.")
    return sessions.actor_of(user)


def _member(kind: type[Role] | type[Tier], value: str, field: str) -> str:
    try:
        return kind(value).value
    except ValueError as error:
        raise Invalid(f"The {field} must be one of {', '.join(kind)}.") from error
