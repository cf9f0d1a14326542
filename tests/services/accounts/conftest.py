"""Cheap password hashes: what is tested here is who gets in, not how long bcrypt takes."""

from collections.abc import Iterator

import pytest

from services.accounts import passwords


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """bcrypt's lowest cost."""
    monkeypatch.setattr(passwords, "BCRYPT_COST", 4)
    yield
