"""What somebody sees of a screen that is not theirs."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from db.models import Role


def _closed(role: str) -> None:
    import streamlit as st

    from components.shell import guard
    from components.shell.page_table import PROMPTS
    from services.accounts.actor import Actor

    guard.require_open(PROMPTS, Actor(id="usr_1", email="anna@example.com", name="", role=role, tier="free"))
    st.write("open")


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.USER, "This page is for Vitrine&#x27;s staff only."),
        (Role.FINANCE_ADMIN, "Your role does not include this page."),
    ],
)
def test_a_closed_screen_says_why_without_an_error(role: Role, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)  # there are no other screens here
    screen = AppTest.from_function(_closed, args=(role.value,)).run()
    assert not screen.exception
    assert not screen.markdown
    assert [words in element.proto.body for element in screen.get("html")] == [True]
