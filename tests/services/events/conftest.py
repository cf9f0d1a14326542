from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from config import Settings
from services import bootstrap


@pytest.fixture
def postgres_vitrine(postgres_url: str, tmp_path: Path) -> Iterator[Settings]:
    """This process set up on PostgreSQL only."""
    yield bootstrap.start(Settings(database_url=postgres_url, data_dir=tmp_path / "data", _env_file=None))  # type: ignore[call-arg]
    bootstrap.stop()
    config.configure(None)
