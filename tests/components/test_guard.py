"""What somebody sees of a screen that is not theirs."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from components.shell import frame, guard
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


def _header_by_itself() -> None:
    import streamlit as st

    from components.shell import frame
    from components.shell.page_table import LANDING
    from components.shell.session import shell_session
    from services.accounts.actor import Actor

    shell_session().jobs_were_active = True
    st.write("before")
    frame._header(LANDING, Actor(id="usr_1", email="anna@example.com", name="", role="user", tier="free"))
    st.write("after")


def test_a_live_header_shows_nothing_once_its_session_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    refreshed = []
    monkeypatch.setattr(guard, "current_actor", lambda: None)
    monkeypatch.setattr(frame.st, "rerun", lambda: (refreshed.append(True), st.stop()))
    screen = AppTest.from_function(_header_by_itself).run()
    assert refreshed == [True]
    assert [element.value for element in screen.markdown] == ["before"]
