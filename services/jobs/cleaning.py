"""The daily cleaning: credits that lapsed, pictures whose time is over, files that belong to no picture."""

from dataclasses import dataclass

import structlog

from db import now
from services.credits import ledger
from services.library import assets, leftovers

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
    cleaned = Cleaned(credits, pictures, leftovers.sweep_leftovers())
    _log.info("cleaned", credits=cleaned.credits, pictures=cleaned.pictures, files=cleaned.files)
    return cleaned
