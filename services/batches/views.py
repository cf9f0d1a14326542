"""What a batch looks like from outside: how it stands is counted from its jobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from db.models import Batch, Job, JobStatus
from services.jobs.views import Origin

_PREFIX = "bat_"


class BatchStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTLY_FAILED = "partly_failed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class BatchCounts:
    """How many of its jobs stand how. `doubtful` ones made a picture that is kept but was not charged, and do not count
    as succeeded."""

    queued: int = 0
    running: int = 0
    succeeded: int = 0
    doubtful: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        return self.active + self.made + self.failed + self.cancelled

    @property
    def active(self) -> int:
        return self.queued + self.running

    @property
    def made(self) -> int:
        return self.succeeded + self.doubtful

    @property
    def status(self) -> BatchStatus:
        if self.active:
            return BatchStatus.QUEUED if self.queued == self.total else BatchStatus.RUNNING
        if self.failed:
            return BatchStatus.PARTLY_FAILED if self.made else BatchStatus.FAILED
        return BatchStatus.CANCELLED if self.cancelled else BatchStatus.SUCCEEDED


@dataclass(frozen=True)
class BatchView:
    """One batch as its owner sees it. Amounts in credits: what its jobs hold now, and what they were charged. `runs` is
    how often its jobs were queued, retries included."""

    id: str
    status: BatchStatus
    recipe: dict[str, Any]
    naming: str
    counts: BatchCounts
    credits_held: int
    credits_charged: int
    runs: int
    created_at: datetime
    completed_at: datetime | None


def batch_of(origin: Origin) -> str | None:
    """The id of the batch that a job of this origin is one of."""
    return origin.id if origin.id is not None and origin.id.startswith(_PREFIX) else None


@dataclass(frozen=True)
class _Totals:
    counts: BatchCounts
    held: int
    charged: int
    runs: int


def views_in(session: Session, batches: Iterable[Batch]) -> list[BatchView]:
    """The views of rows of one person, with one count over the jobs of all of them."""
    rows = list(batches)
    totals = _totals(session, rows[0].user_id, [row.id for row in rows]) if rows else {}
    nothing = _Totals(BatchCounts(), 0, 0, 0)
    return [_view(row, totals.get(row.id, nothing)) for row in rows]


def _totals(session: Session, user_id: str, batch_ids: list[str]) -> dict[str, _Totals]:
    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0))

    doubtful = col(Job.doubtful) == sa.true()
    made = col(Job.status) == JobStatus.SUCCEEDED
    query = (
        sa.select(
            col(Job.origin_id),
            count(col(Job.status) == JobStatus.QUEUED),
            count(col(Job.status) == JobStatus.RUNNING),
            count(made, ~doubtful),
            count(made, doubtful),
            count(col(Job.status) == JobStatus.FAILED),
            count(col(Job.status) == JobStatus.CANCELLED),
            sa.func.sum(col(Job.credits_held)),
            sa.func.sum(col(Job.credits_charged)),
            sa.func.sum(col(Job.run)),
        )
        .where(col(Job.user_id) == user_id, col(Job.origin_id).in_(batch_ids))
        .group_by(col(Job.origin_id))
    )
    return {
        batch_id: _Totals(BatchCounts(*counts), held, charged, runs)
        for batch_id, *counts, held, charged, runs in session.execute(query).all()
    }


def _view(row: Batch, totals: _Totals) -> BatchView:
    return BatchView(
        id=row.id,
        status=totals.counts.status,
        recipe=row.recipe,
        naming=row.naming,
        counts=totals.counts,
        credits_held=totals.held,
        credits_charged=totals.charged,
        runs=totals.runs,
        created_at=row.created_at,
        completed_at=row.completed_at if totals.runs == row.completed_runs else None,
    )
