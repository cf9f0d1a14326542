"""Who goes first: tiers before each other, and within a tier everyone in turn."""

import sqlalchemy as sa
from sqlmodel import Session, col

from db.models.jobs import Job, JobStatus
from services.entitlements.tiers import entitlements_of

_SPREAD = 1_000_000
_RETRY_RANK = 0  # before every tier's
RETRIES_OF_REPAIR = 1


def waiting(session: Session, user_id: str) -> int:
    """How many jobs of this person wait in the queue."""
    query = sa.select(sa.func.count()).where(col(Job.user_id) == user_id, col(Job.status) == JobStatus.QUEUED)
    return int(session.scalar(query) or 0)


def priority(tier: str, already_waiting: int, *, retry: bool = False) -> int:
    """The job's number in the queue, lower first: the tier's rank, then how many of the person's jobs already wait, so
    that one person's hundredth job does not stand before another's first."""
    rank = _RETRY_RANK if retry else entitlements_of(tier).queue_rank
    return (1 + rank) * _SPREAD + min(already_waiting, _SPREAD - 1)


def retries(tier: str) -> int:
    """How often a job is retried by itself after a transient fault."""
    return entitlements_of(tier).retries
