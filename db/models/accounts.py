"""People, their sessions and keys, and what happened at the door."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import Json, UtcDateTime


class Role(StrEnum):
    USER = "user"
    SUPPORT_ADMIN = "support_admin"
    FINANCE_ADMIN = "finance_admin"
    SUPER_ADMIN = "super_admin"


class Tier(StrEnum):
    FREE = "free"
    PAID = "paid"
    FOREVER = "forever"


class User(SQLModel, table=True):
    """One person. `email` is stored as given, `email_key` case-folded and unique."""

    __tablename__ = "users"

    id: str = Field(default_factory=lambda: new_id("usr"), primary_key=True)
    email: str
    email_key: str = Field(unique=True)
    name: str = ""
    password_hash: str
    role: str = Role.USER
    tier: str = Tier.FREE
    theme: str = "system"
    terms_accepted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    suspended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)


class UserSession(SQLModel, table=True):
    """A browser session: the cookie holds the token, this row its SHA-256."""

    __tablename__ = "user_sessions"

    id: str = Field(default_factory=lambda: new_id("ses"), primary_key=True)
    user_id: str = Field(foreign_key="users.id", index=True)
    token_hash: str = Field(unique=True)
    user_agent: str = ""
    address: str = ""
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RefreshToken(SQLModel, table=True):
    """One link in a chain of rotating refresh tokens; using a spent one revokes its whole family."""

    __tablename__ = "refresh_tokens"

    id: str = Field(default_factory=lambda: new_id("rft"), primary_key=True)
    user_id: str = Field(foreign_key="users.id", index=True)
    family: str = Field(index=True)
    token_hash: str = Field(unique=True)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiKey(SQLModel, table=True):
    """An API key: shown once, stored as SHA-256; `hint` is its last four characters."""

    __tablename__ = "api_keys"

    id: str = Field(default_factory=lambda: new_id("key"), primary_key=True)
    user_id: str = Field(foreign_key="users.id", index=True)
    name: str
    secret_hash: str = Field(unique=True)
    hint: str
    scopes: list[str] = Field(default_factory=lambda: ["read", "write"], sa_type=Json)
    rate_limit_per_minute: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SecurityEvent(SQLModel, table=True):
    """Something at the door: a sign-in that worked or failed, a lock-out, a revoked key."""

    __tablename__ = "security_events"
    __table_args__ = (
        sa.Index("ix_security_events_subject", "kind", "email_key", "created_at"),
        sa.Index("ix_security_events_address", "kind", "address", "created_at"),
    )

    id: str = Field(default_factory=lambda: new_id("sev"), primary_key=True)
    kind: str
    user_id: str | None = Field(default=None, index=True)
    email_key: str = ""
    address: str = ""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
