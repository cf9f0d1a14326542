from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from config import Settings
from db import clock, now, snapshot, transaction
from db.models import SecurityEvent, User, UserSession
from services.accounts import attempts
from services.accounts.errors import AccountSuspended, TooManyAttempts, WrongCredentials
from services.accounts.registration import register
from services.accounts.sessions import (
    SignedIn,
    actor_for_session,
    csrf_matches,
    list_sessions,
    revoke_session,
    sign_in,
    sign_out,
)
from services.errors import NotFound

PASSWORD = "correct horse battery"
EMAIL = "anna@example.com"


@pytest.fixture
def anna(vitrine: Settings) -> SignedIn:
    return register(EMAIL, PASSWORD, accepted_terms=True)


def _suspend(user_id: str) -> None:
    with transaction() as session:
        session.execute(sa.update(User).where(col(User.id) == user_id).values(suspended_at=now()))


def _events(kind: str) -> int:
    with snapshot() as session:
        return session.execute(
            sa.select(sa.func.count()).select_from(SecurityEvent).where(col(SecurityEvent.kind) == kind)
        ).scalar_one()


def test_signing_in_opens_a_session_of_its_own_each_time(anna: SignedIn) -> None:
    again = sign_in("  ANNA@example.com", PASSWORD)
    assert again.token != anna.token
    assert actor_for_session(again.token) == again.actor
    assert actor_for_session(anna.token) == anna.actor


def test_the_database_holds_no_token_that_could_be_used(anna: SignedIn) -> None:
    with snapshot() as session:
        row = session.scalars(sa.select(UserSession)).one()
    assert anna.token not in (row.id, row.token_hash)
    assert actor_for_session(row.token_hash) is None
    assert len(anna.token) >= 43  # 256 bits


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(anna: SignedIn) -> None:
    messages = set()
    for email in (EMAIL, "nobody@example.com"):
        with pytest.raises(WrongCredentials) as refused:
            sign_in(email, "some wrong phrase")
        messages.add((refused.value.message, refused.value.status, refused.value.code))
    assert len(messages) == 1
    assert _events("sign_in_failed") == 2


def test_signing_out_ends_the_session_and_only_that_one(anna: SignedIn) -> None:
    other = sign_in(EMAIL, PASSWORD)
    sign_out(anna.token)
    sign_out(anna.token)
    assert actor_for_session(anna.token) is None
    assert actor_for_session(other.token) is not None
    assert _events("sign_out") == 1


def test_a_session_ends_when_it_was_idle_too_long(anna: SignedIn, vitrine: Settings) -> None:
    clock.travel(timedelta(seconds=vitrine.session_idle_seconds + 1))
    assert actor_for_session(anna.token) is None


def test_using_a_session_keeps_it_from_idling_out_but_not_from_growing_too_old(
    anna: SignedIn, vitrine: Settings
) -> None:
    age = timedelta()
    step = timedelta(seconds=vitrine.session_idle_seconds - 60)
    while age + step < timedelta(seconds=vitrine.session_max_age_seconds):
        age += step
        clock.travel(age)
        assert actor_for_session(anna.token) is not None
    clock.travel(timedelta(seconds=vitrine.session_max_age_seconds + 1))
    assert actor_for_session(anna.token) is None


def test_a_session_notes_its_use_at_most_once_a_minute(anna: SignedIn) -> None:
    def seen() -> object:
        with snapshot() as session:
            return session.execute(sa.select(col(UserSession.seen_at))).scalar_one()

    first = seen()
    actor_for_session(anna.token)
    assert seen() == first
    clock.travel(timedelta(seconds=61))
    actor_for_session(anna.token)
    assert seen() != first


def test_a_suspended_person_is_signed_out_at_once_and_sees_why_only_with_the_right_password(anna: SignedIn) -> None:
    _suspend(anna.actor.id)
    assert actor_for_session(anna.token) is None
    with pytest.raises(AccountSuspended):
        sign_in(EMAIL, PASSWORD)
    with pytest.raises(WrongCredentials):
        sign_in(EMAIL, "some wrong phrase")


@pytest.mark.parametrize("token", ["", "x", "é", "\ud800", "a" * 10_000])
def test_a_made_up_token_has_no_actor(vitrine_sqlite: Settings, token: str) -> None:
    assert actor_for_session(token) is None


def test_ten_wrong_passwords_lock_the_account_and_the_message_tells_the_wait(anna: SignedIn) -> None:
    for _ in range(attempts.PER_ACCOUNT):
        with pytest.raises(WrongCredentials):
            sign_in(EMAIL, "some wrong phrase", address="203.0.113.7")
    with pytest.raises(TooManyAttempts, match="about 15 minutes") as locked:
        sign_in(EMAIL, PASSWORD, address="203.0.113.8")
    assert locked.value.retry_after == pytest.approx(900, abs=30)
    assert _events("sign_in_locked_out") == 1
    clock.travel(timedelta(minutes=15, seconds=1))
    sign_in(EMAIL, PASSWORD)


def test_refused_attempts_do_not_make_the_lock_out_longer(anna: SignedIn) -> None:
    for _ in range(attempts.PER_ACCOUNT):
        with pytest.raises(WrongCredentials):
            sign_in(EMAIL, "some wrong phrase")
    clock.travel(timedelta(minutes=10))
    with pytest.raises(TooManyAttempts, match=r"about [56] minutes"):
        sign_in(EMAIL, PASSWORD)
    clock.travel(timedelta(minutes=15, seconds=1))
    sign_in(EMAIL, PASSWORD)


def test_an_unknown_address_is_locked_out_like_a_known_one(vitrine: Settings) -> None:
    for _ in range(attempts.PER_ACCOUNT):
        with pytest.raises(WrongCredentials):
            sign_in("nobody@example.com", PASSWORD)
    with pytest.raises(TooManyAttempts):
        sign_in("nobody@example.com", PASSWORD)


def test_a_success_forgets_the_failures_before_it(anna: SignedIn) -> None:
    for _ in range(2):
        for _ in range(attempts.PER_ACCOUNT - 1):
            with pytest.raises(WrongCredentials):
                sign_in(EMAIL, "some wrong phrase")
        sign_in(EMAIL, PASSWORD)


def test_one_address_that_tries_many_accounts_is_locked_out_whatever_it_succeeds_at(
    anna: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PER_ADDRESS", 5)
    for n in range(5):
        with pytest.raises(WrongCredentials):
            sign_in(f"p{n}@example.com", PASSWORD, address="203.0.113.7")
        if n == 2:
            sign_in(EMAIL, PASSWORD, address="203.0.113.7")
    with pytest.raises(TooManyAttempts):
        sign_in(EMAIL, PASSWORD, address="203.0.113.7")
    sign_in(EMAIL, PASSWORD, address="203.0.113.8")


def test_guesses_sent_all_at_once_are_all_counted(anna: SignedIn) -> None:
    def guess(n: int) -> type[Exception]:
        try:
            sign_in(EMAIL, f"guess number {n}")
        except (WrongCredentials, TooManyAttempts) as refused:
            return type(refused)
        raise AssertionError("a guess got in")

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(guess, range(24)))
    assert outcomes.count(WrongCredentials) == attempts.PER_ACCOUNT
    assert outcomes.count(TooManyAttempts) == 24 - attempts.PER_ACCOUNT


def test_a_person_lists_and_ends_their_own_sessions_and_nobody_elses(anna: SignedIn) -> None:
    phone = sign_in(EMAIL, PASSWORD, user_agent="Phone", address="203.0.113.9")
    ben = register("ben@example.com", PASSWORD, accepted_terms=True)
    mine = list_sessions(phone.actor)
    assert [(one.user_agent, one.is_current) for one in mine] == [("Phone", True), ("", False)]
    with pytest.raises(NotFound):
        revoke_session(ben.actor, mine[0].id)
    revoke_session(phone.actor, mine[1].id)
    assert actor_for_session(anna.token) is None
    assert actor_for_session(phone.token) is not None
    with pytest.raises(NotFound):
        revoke_session(phone.actor, mine[1].id)


def test_a_form_token_fits_its_own_session_alone(anna: SignedIn) -> None:
    other = sign_in(EMAIL, PASSWORD)
    assert csrf_matches(anna.token, anna.csrf)
    assert not csrf_matches(other.token, anna.csrf)
    assert not csrf_matches(anna.token, "é")
