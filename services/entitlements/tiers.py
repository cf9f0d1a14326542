"""The table of tier by limit.

Applied today: `queue_rank` and `retries` (by `services/jobs/priority.py`). The other columns say what each tier will
include; the features that apply them read them here, and nothing does yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from db.models import Tier


class Feature(StrEnum):
    """Something that a tier has or lacks."""

    BATCHES = "batches"
    FULL_OUTFIT_TRY_ON = "try_on.full_outfit"


@dataclass(frozen=True)
class Entitlements:
    """What one tier includes. None means without limit.

    `queue_rank`: lower goes first. `retries`: how often a job is retried by itself after a transient fault.
    `max_short_side`: of a result, in pixels. `days_kept`: how long results stay.
    """

    queue_rank: int
    retries: int
    max_short_side: int | None = None
    watermark: bool = False
    days_kept: int | None = None
    features: frozenset[Feature] = frozenset()


STARTING_TIER = Tier.FREE
"""The tier of an account that has bought nothing."""

_TABLE: Mapping[Tier, Entitlements] = {
    Tier.FREE: Entitlements(
        queue_rank=3,
        retries=1,
        max_short_side=480,
        watermark=True,
        days_kept=7,
    ),
    Tier.PAID: Entitlements(queue_rank=2, retries=3, features=frozenset(Feature)),
    Tier.FOREVER: Entitlements(queue_rank=1, retries=3, features=frozenset(Feature)),
}


def entitlements_of(tier: str) -> Entitlements:
    """What an account of this tier has."""
    return _TABLE[Tier(tier)]
