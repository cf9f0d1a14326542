"""Screens run without a browser, as somebody who is signed in."""

from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from components.shell import guard
from config import Settings
from services.accounts.actor import Actor
from tests.support.job_pictures import shop_owner

# each run of a screen looks anew through every installed package for components
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture
def owner(vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A shop owner, signed in on every screen of this test."""
    actor = shop_owner()
    monkeypatch.setattr(guard, "current_actor", lambda: actor)
    return actor


def opened(page: str, /, **query: str) -> AppTest:
    """The screen of `pages/<page>.py` at that address, not yet run."""
    screen = AppTest.from_file(Path(__file__).parents[2] / "pages" / f"{page}.py")
    screen.query_params.update(query)
    return screen
