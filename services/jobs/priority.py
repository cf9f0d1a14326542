"""Who goes first: tiers before each other, and within a tier everyone in turn."""

import sqlalchemy as sa
from sqlmodel import Session, col

from db.models import Tier
from db.models.jobs import Job, JobStatus

_SPREAD = 1_000_000
_RETRY = 1 * _SPREAD
_BASE = {Tier.FOREVER: 2 * _SPREAD, Tier.PAID: 3 * _SPREAD, Tier.FREE: 4 * _SPREAD}
RETRIES_OF_REPAIR = 1
_RETRIES = {Tier.FREE: 1, Tier.PAID: 3, Tier.FOREVER: 3}


def waiting(session: Session, user_id: str) -> int:
    """How many jobs of this person wait in the queue."""
    query = sa.select(sa.func.count()).where(col(Job.user_id) == user_id, col(Job.status) == JobStatus.QUEUED)
    return int(session.scalar(query) or 0)


def priority(tier: str, already_waiting: int, *, retry: bool = False) -> int:
    """The job's number in the queue, lower first: the tier's base plus how many of the person's jobs already wait, so
    that one person's hundredth job does not stand before another's first."""
    base = _RETRY if retry else _BASE[Tier(tier)]
    return base + min(already_waiting, _SPREAD - 1)


def retries(tier: str) -> int:
    """How often a job is tried again by itself after a transient fault."""
    return _RETRIES[Tier(tier)]
