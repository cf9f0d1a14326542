"""People, pictures and a worker inside the test process."""

from collections.abc import Iterator

import pytest

from config import Settings
from services.accounts.actor import Actor
from tests.support.job_pictures import shop_owner
from tests.support.job_workers import InlineWorker


@pytest.fixture
def owner(vitrine: Settings) -> Actor:
    """A shop owner with 13 credits, on each database in turn."""
    return shop_owner()


@pytest.fixture
def owner_sqlite(vitrine_sqlite: Settings) -> Actor:
    """The same on SQLite only."""
    return shop_owner()


@pytest.fixture
def worker() -> Iterator[InlineWorker]:
    """The worker's code, run on demand."""
    inline = InlineWorker()
    yield inline
    inline.close()
