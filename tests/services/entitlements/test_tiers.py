"""One table says what a tier includes, and nothing outside it names a tier."""

from db.models import Tier
from services.entitlements.tiers import STARTING_TIER, entitlements_of
from tests.support.enum_mentions import mentions

MAY_NAME_TIERS = ("services/entitlements/tiers.py", "db/models/accounts.py", "db/migrations/", "services/demo/")


def test_every_tier_has_its_row() -> None:
    assert all(entitlements_of(tier).retries >= 1 for tier in Tier)


def test_who_paid_more_goes_first_and_lacks_nothing_that_another_has() -> None:
    free, paid, forever = (entitlements_of(tier) for tier in (STARTING_TIER, Tier.PAID, Tier.FOREVER))
    assert forever.queue_rank < paid.queue_rank < free.queue_rank
    assert free.features <= paid.features <= forever.features
    assert free.watermark and not paid.watermark and not forever.watermark


def test_no_tier_is_named_outside_the_table() -> None:
    assert mentions("Tier", {"forever"}, "tier", MAY_NAME_TIERS) == []
