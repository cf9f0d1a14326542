"""Generative providers: the prompts we send, as data, and a record of every call with its cost."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import UtcDateTime


class CallStatus(StrEnum):
    STARTED = "started"  # about to be sent, or sent: what a killed worker leaves behind
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"  # sent, as far as we know, and what came of it is not known: it may have been paid for


_OPEN = "status = 'started' AND vendor_id IS NOT NULL"


class ProviderCall(SQLModel, table=True):
    """One attempt to have a provider do one step of a job: written before it is sent, completed after the answer.

    `vendor_id` is the id of the provider's own job, where it makes one: written before it is first polled.
    `cost_micros` is what its answer or refusal cost us, in millionths of a US dollar, and until that is known what a
    picture costs; `duration_ms` its answer's time; `answer_key` names the picture it brought in storage until the
    job has ended; `cause` is for staff.
    """

    __tablename__ = "provider_calls"
    __table_args__ = (
        sa.UniqueConstraint("job_id", "run", "step", "attempt", name="uq_provider_calls_attempt"),
        sa.Index("ix_provider_calls_created", "created_at"),
        sa.Index("ix_provider_calls_finished", "finished_at"),
        sa.Index(
            "ix_provider_calls_open",
            "vendor_id",
            sqlite_where=sa.text(_OPEN),
            postgresql_where=sa.text(_OPEN),
        ),
    )

    id: str = Field(default_factory=lambda: new_id("pvc"), primary_key=True)
    job_id: str = Field(foreign_key="jobs.id")
    user_id: str = Field(foreign_key="users.id")
    run: int = 1
    step: int  # index of the step in the recipe
    attempt: int = 1
    provider: str
    model: str
    operation: str
    prompt_version_id: str | None = None
    status: str = CallStatus.STARTED
    vendor_id: str | None = None
    error_code: str | None = None
    cause: str = ""
    answer_key: str | None = None
    cost_micros: int = 0
    duration_ms: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PromptVersion(SQLModel, table=True):
    """One version of what an operation sends to a provider. The highest of an operation is in force; a roll-back is a
    new version with an old one's content. An operation without a row uses the version its code ships with.

    `price_micros` is what one picture by `model` costs us, in millionths of a US dollar.
    """

    __tablename__ = "prompt_versions"
    __table_args__ = (sa.UniqueConstraint("operation", "version"),)

    id: str = Field(default_factory=lambda: new_id("pmt"), primary_key=True)
    operation: str
    version: int
    provider: str
    model: str
    template: str
    price_micros: int
    note: str = ""
    author_id: str = Field(foreign_key="users.id")
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
