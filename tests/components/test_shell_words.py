"""How credits, times and errors are put into words."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from components.auth import auth_page
from components.kit import money
from components.kit.counts import counted
from components.shell import feedback
from db.clock import now
from services.errors import ServiceError, Unavailable


@pytest.mark.parametrize(
    ("amount", "words"), [(1, "1 credit"), (0, "0 credits"), (1200, "1,200 credits"), (-2, "−2 credits")]
)
def test_credits_are_counted_in_words(amount: int, words: str) -> None:
    assert money.credits(amount) == words


def test_one_of_something_is_not_counted_as_several() -> None:
    assert [counted(number, "photo") for number in (0, 1, 1200)] == ["0 photos", "1 photo", "1,200 photos"]


def test_a_wait_is_counted_in_whole_seconds_and_at_least_one() -> None:
    def refusals() -> None:
        from components.shell import feedback
        from services.errors import ServiceError

        for seconds in (0.3, 1, 7.6):
            feedback.show_error(ServiceError("No.", retry_after=seconds))

    shown = [html.proto.body for html in AppTest.from_function(refusals).run().get("html")]
    assert [words.partition("Try again in ")[2].partition(".")[0] for words in shown] == [
        "1 second",
        "1 second",
        "8 seconds",
    ]


def test_a_change_carries_its_sign() -> None:
    assert (money.signed(5), money.signed(-5), money.signed(0)) == ("+5", "−5", "0")


@pytest.mark.parametrize(
    ("before", "words"),
    [(timedelta(seconds=5), "just now"), (timedelta(minutes=5), "5 min ago"), (timedelta(hours=3), "3 h ago")],
)
def test_a_time_is_said_by_how_long_ago_it_was(before: timedelta, words: str) -> None:
    assert money.ago(now() - before) == words


def test_something_long_ago_is_said_by_its_date_and_what_never_was_by_never() -> None:
    moment = now() - timedelta(days=40)
    assert money.ago(moment) == f"{moment.day} {moment:%B %Y}"
    assert money.ago(None) == "never"


def test_an_unknown_error_tells_nothing_of_itself() -> None:
    shown = feedback.explain(RuntimeError("password=hunter2"))
    assert shown.code == "internal"
    assert "hunter2" not in shown.message


def test_a_lost_database_is_said_to_be_one_and_worth_another_try() -> None:
    shown = feedback.explain(OperationalError("SELECT 1", {}, Exception("no route to db.internal")))
    assert isinstance(shown, Unavailable)
    assert shown.retryable
    assert "db.internal" not in shown.message


def test_an_error_made_for_people_is_shown_as_it_is() -> None:
    error = ServiceError("Choose another file.")
    assert feedback.explain(error) is error


@pytest.mark.parametrize(
    "given",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a?b=//x", "", "/a\n"],
)
def test_signing_in_never_leads_to_another_site(given: str) -> None:
    assert auth_page.safe_path(given) == "/"


def test_signing_in_leads_back_to_where_the_person_wanted_to_go() -> None:
    assert auth_page.safe_path("/credits") == "/credits"
