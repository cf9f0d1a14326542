"""Files in the store that have no row: left by a process that died between storing bytes and writing their row."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice

import structlog
from sqlmodel import Session, col, func, select

import db
from db.models import Asset
from db.models.jobs import Job, JobStatus
from services.library import storage

_KEPT = timedelta(hours=24)
_CLOCKS_DIFFER = timedelta(hours=1)
_BATCH = 500
_PICTURE_FILE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})-[0-9a-f]{8}\.")

_log = structlog.get_logger(__name__)


def sweep_leftovers() -> int:
    """Remove files of pictures, at least a day old, that no row names; returns how many. Raises StorageUnavailable.

    A running job's result may be in the store without a row for as long as the job runs, so nothing newer than the
    start of the longest-running job is touched; nor is any file whose name is not that of a picture.
    """
    store = storage.current()
    with db.snapshot() as session:
        before = _limit(session)
    removed = 0
    old = iter(store.keys(before))
    while keys := list(islice(old, _BATCH)):
        for key in _unnamed(keys):
            store.delete(key)
            removed += 1
    store.remove_unfinished(before)
    if removed:
        _log.info("leftover_files_swept", count=removed)
    return removed


def _limit(session: Session) -> datetime:
    started = session.exec(select(func.min(Job.started_at)).where(Job.status == JobStatus.RUNNING)).one()
    limit = db.now() - _KEPT
    return limit if started is None else min(limit, started - _CLOCKS_DIFFER)


def _unnamed(keys: Iterable[str]) -> list[str]:
    """Those keys that are named like a picture's file and belong to no picture."""
    found = {key: match["sha256"] for key in keys if (match := _PICTURE_FILE.match(key))}
    with db.snapshot() as session:
        rows = session.exec(
            select(Asset.storage_key, Asset.thumb_key, Asset.preview_key, Asset.matte_key).where(
                col(Asset.sha256).in_(set(found.values()))
            )
        ).all()
    named = {key for row in rows for key in row}
    return [key for key in found if key not in named]
