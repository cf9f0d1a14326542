"""A shop owner, and Stripe on a socket."""

from collections.abc import Iterator

import pytest

from config import Settings
from services.accounts.actor import Actor
from tests.fakes.stripe_server import StripeFake, running_stripe
from tests.support.job_pictures import shop_owner
from tests.support.payments import with_stripe


@pytest.fixture
def stripe(vitrine: Settings) -> Iterator[StripeFake]:
    """Payments go through the fake, on each database in turn."""
    with running_stripe() as fake:
        with_stripe(vitrine, fake)
        yield fake


@pytest.fixture
def stripe_sqlite(vitrine_sqlite: Settings) -> Iterator[StripeFake]:
    """The same on SQLite only."""
    with running_stripe() as fake:
        with_stripe(vitrine_sqlite, fake)
        yield fake


@pytest.fixture
def anna(stripe: StripeFake) -> Actor:
    """A shop owner with 13 credits."""
    return shop_owner()


@pytest.fixture
def anna_sqlite(stripe_sqlite: StripeFake) -> Actor:
    return shop_owner()
