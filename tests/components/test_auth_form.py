"""The form at the door."""

from typing import Any

import pytest

from components.auth import auth_form
from components.shell import guard
from services.accounts.passwords import LENGTH_ADVICE, MIN_CHARACTERS, strength
from tests.components.conftest import opened


def test_the_form_asks_for_the_length_that_the_server_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[dict[str, Any]] = []
    monkeypatch.setattr(guard, "current_actor", lambda: None)
    monkeypatch.setattr(auth_form, "_component", lambda data, **_: drawn.append(data))
    screen = opened("public/sign_up").run()
    assert not screen.exception
    assert [(each["min_characters"], each["length_advice"]) for each in drawn] == [(MIN_CHARACTERS, LENGTH_ADVICE)]
    assert strength("x" * (MIN_CHARACTERS - 1)).advice == LENGTH_ADVICE
