"""Jobs, and answers kept for repeated requests."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from db.clock import now
from db.ids import new_id
from db.models.base import SQLModel
from db.types import Json, UtcDateTime


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OriginKind(StrEnum):
    SCREEN = "screen"
    API = "api"


class Job(SQLModel, table=True):
    """One recipe on one picture; further ones are named by the recipe. `origin_kind` and `origin_id` say where the job
    was asked for. `run` counts submissions (a retry by a person is the next run, with its own hold and workflow);
    `attempts` counts how often a worker started the run, and is the token that the start which still owns it holds;
    `queue` names the one it waits in; `request_key` makes a repeated request one job; `doubtful` marks a result that
    is kept but not charged, for we are not sure that it is good enough."""

    __tablename__ = "jobs"
    __table_args__ = (
        sa.Index("ix_jobs_user", "user_id", "id"),
        sa.Index("ix_jobs_origin", "user_id", "origin_id", "id"),
        sa.Index("ix_jobs_queue", "status", "queue", "priority", "queued_at"),
        sa.Index("ix_jobs_ended", "status", "finished_at"),
        sa.Index("ix_jobs_input", "input_asset_id"),
        sa.UniqueConstraint("user_id", "request_key", name="uq_jobs_request"),
    )

    id: str = Field(default_factory=lambda: new_id("job"), primary_key=True)
    user_id: str = Field(foreign_key="users.id")
    status: str = JobStatus.QUEUED
    run: int = 1
    queue: str = Field(default="render", sa_column_kwargs={"server_default": "render"})
    priority: int
    recipe: dict[str, Any] = Field(sa_type=Json)
    input_asset_id: str
    result_asset_ids: list[str] = Field(default_factory=list, sa_type=Json)
    origin_kind: str = OriginKind.API
    origin_id: str | None = None
    product_id: str | None = Field(default=None, index=True)
    progress: float = 0.0
    stage: str = "queued"
    request_key: str | None = None
    hold_id: str | None = None
    credits_held: int = 0
    credits_charged: int = 0
    quality: dict[str, Any] | None = Field(default=None, sa_type=Json)
    doubtful: bool = False
    error_code: str | None = None
    error_message: str | None = None
    error_retryable: bool = False
    attempts: int = 0
    worker_id: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
    queued_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class IdempotencyRecord(SQLModel, table=True):
    """The first answer to a request with an Idempotency-Key, kept 24 hours; `status` is null while it runs, 0 when it
    broke off. `run_key` names the request for whatever it starts, and stays the same when it is tried again."""

    __tablename__ = "idempotency_records"

    user_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    run_key: str
    status: int | None = None
    headers: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    body: bytes | None = Field(default=None, sa_column=sa.Column(sa.LargeBinary, nullable=True))
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
