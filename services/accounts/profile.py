"""What people change about their own account: name, theme, password, and where they are signed in."""

import sqlalchemy as sa
from sqlmodel import col

from db import snapshot, transaction
from db.models import User
from services.accounts import attempts, passwords, sessions, tokens
from services.accounts.actor import Actor
from services.accounts.emails import email_key
from services.accounts.errors import WrongCurrentPassword
from services.accounts.registration import checked_name
from services.accounts.security_events import record
from services.errors import Invalid

THEMES = ("system", "light", "dark")


def change_name(actor: Actor, name: str) -> str:
    """Change the name of this person or shop; returns it as stored. Raises `Invalid`."""
    kept = checked_name(name)
    with transaction() as session:
        session.execute(sa.update(User).where(col(User.id) == actor.id).values(name=kept))
    return kept


def change_theme(actor: Actor, theme: str) -> None:
    """Set the theme of this person: light, dark or the system's own."""
    if theme not in THEMES:
        raise Invalid(f"The theme must be one of {', '.join(THEMES)}.")
    with transaction() as session:
        session.execute(sa.update(User).where(col(User.id) == actor.id).values(theme=theme))


def change_password(actor: Actor, current: str, new: str) -> None:
    """Replace the password and end every other sign-in, by browser or API; API keys stay.

    A wrong current password counts as a failed sign-in. Raises `WeakPassword`, `WrongCurrentPassword` or
    `TooManyAttempts`.
    """
    passwords.require_acceptable(new, actor.email, actor.name)
    attempt = attempts.begin(email_key(actor.email), "", via="password_change")
    with snapshot() as session:
        user = session.scalars(sa.select(User).where(col(User.id) == actor.id)).one()
    if not passwords.matches(current, user.password_hash):
        raise WrongCurrentPassword
    hashed = passwords.hash_password(new)
    with transaction() as session:
        sessions.accept(session, attempt, user)
        session.execute(sa.update(User).where(col(User.id) == user.id).values(password_hash=hashed))
        ended = sessions.end_others(session, actor)
        tokens.end_all(session, actor.id)
        record(session, "password_changed", user_id=actor.id, email_key=user.email_key, sessions_ended=ended)


def sign_out_everywhere_else(actor: Actor) -> int:
    """End every other sign-in, by browser or API; returns how many were browsers. API keys stay."""
    with transaction() as session:
        ended = sessions.end_others(session, actor)
        tokens.end_all(session, actor.id)
        record(session, "signed_out_elsewhere", user_id=actor.id, sessions_ended=ended)
    return ended
