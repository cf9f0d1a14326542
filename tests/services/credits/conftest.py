"""Time stands near noon, so that no test runs into the end of the UTC day."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from db import clock
from tests.support.credit_accounts import later


@pytest.fixture
def noon() -> Iterator[None]:
    """Today, shortly after noon UTC; `later(by)` moves on from there."""
    later()
    yield
    clock.travel(timedelta())
