"""A worker inside the test process."""

from collections.abc import Iterator

import pytest

from tests.support.job_workers import InlineWorker


@pytest.fixture
def worker() -> Iterator[InlineWorker]:
    """The worker's code, run on demand."""
    inline = InlineWorker()
    yield inline
    inline.close()
