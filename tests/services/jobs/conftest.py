"""People, pictures, a vendor and a worker inside the test process."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from config import Settings
from services import bootstrap
from services.accounts.actor import Actor
from services.studio.operations import registry as operations
from services.studio.providers import registry as providers
from tests.fakes.queued_vendor import KEY, FakeVendor, fake_vendor
from tests.support.extension_sketch import QueuedSettings
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


@pytest.fixture
def vendor() -> Iterator[FakeVendor]:
    """A vendor that makes a job of each picture."""
    with fake_vendor() as fake:
        yield fake


@pytest.fixture
def vendor_shop(vitrine_sqlite: Settings, vendor: FakeVendor) -> Iterator[Actor]:
    """A shop owner with 13 credits on an installation with the extension that talks to the vendor."""
    own = QueuedSettings(api_key=SecretStr(KEY), base_url=vendor.url)
    bootstrap.start(
        vitrine_sqlite.model_copy(update={"providers": (own,), "extensions": "tests.support.extension_sketch"})
    )
    yield shop_owner()
    operations.reset(())
    providers.reset(())
