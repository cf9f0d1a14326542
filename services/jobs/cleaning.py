"""The daily cleaning: credits that lapsed, pictures whose time is over, files that belong to no picture."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from db import now, snapshot, transaction
from db.locks import lock_names
from db.models import Chore
from services.credits import ledger
from services.library import assets, leftovers

EVERY = timedelta(days=1)
_AGAIN_AFTER_FAILURE = timedelta(hours=1)
_NAME = "cleaning"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Cleaned:
    """How many credits lapsed, how many pictures and how many leftover files were removed."""

    credits: int
    pictures: int
    files: int


def clean() -> Cleaned:
    """Do all of it now. May be broken off anywhere: what is left is found the next time. Raises StorageUnavailable."""
    credits, pictures = ledger.lapse_due(now()), 0
    while removed := assets.sweep():
        pictures += removed
    return Cleaned(credits, pictures, leftovers.sweep_leftovers())


def clean_if_due() -> Cleaned | None:
    """`clean`, unless a process has begun to less than a day ago, which this one notes before it begins itself."""
    begun = now()
    with snapshot() as session:
        if not _is_due(session, begun):
            return None
    with transaction() as session:
        lock_names(session, _NAME)
        if not _is_due(session, begun):
            return None
        session.merge(Chore(name=_NAME, begun_at=begun))
    try:
        cleaned = clean()
    except Exception:
        with transaction() as session:
            session.merge(Chore(name=_NAME, begun_at=begun - EVERY + _AGAIN_AFTER_FAILURE))
        raise
    _log.info("cleaned", credits=cleaned.credits, pictures=cleaned.pictures, files=cleaned.files)
    return cleaned


def _is_due(session: Session, moment: datetime) -> bool:
    chore = session.get(Chore, _NAME)
    return chore is None or moment - chore.begun_at >= EVERY
