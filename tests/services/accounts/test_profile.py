from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from config import Settings
from db import clock, snapshot
from db.models import SecurityEvent
from services.accounts import attempts, passwords
from services.accounts.api_keys import create_api_key
from services.accounts.errors import TooManyAttempts, Unauthenticated, WrongCredentials, WrongCurrentPassword
from services.accounts.passwords import WeakPassword
from services.accounts.profile import change_name, change_password, change_theme, sign_out_everywhere_else
from services.accounts.registration import register
from services.accounts.sessions import SignedIn, actor_for_session, list_sessions, sign_in
from services.accounts.tokens import actor_for_bearer, issue_tokens, refresh_tokens
from services.errors import Invalid

PASSWORD = "correct horse battery"
NEW = "a wholly different phrase"
EMAIL = "anna@example.com"


@pytest.fixture
def anna(vitrine: Settings) -> SignedIn:
    return register(EMAIL, PASSWORD, accepted_terms=True)


def _kinds() -> list[str]:
    with snapshot() as session:
        return list(session.scalars(sa.select(col(SecurityEvent.kind))))


def test_a_new_name_is_seen_at_once_and_a_bad_one_refused(anna: SignedIn) -> None:
    assert change_name(anna.actor, "  Anna's   Ceramics ") == "Anna's Ceramics"
    actor = actor_for_session(anna.token)
    assert actor is not None and actor.name == "Anna's Ceramics"
    with pytest.raises(Invalid) as refused:
        change_name(anna.actor, "x" * 101)
    assert refused.value.errors[0].field == "name"


def test_the_theme_is_remembered(anna: SignedIn) -> None:
    change_theme(anna.actor, "dark")
    actor = actor_for_session(anna.token)
    assert actor is not None and actor.theme == "dark"
    with pytest.raises(Invalid):
        change_theme(anna.actor, "pink")


def test_a_changed_password_ends_every_other_sign_in_and_keeps_this_one(anna: SignedIn) -> None:
    phone, ben = sign_in(EMAIL, PASSWORD), register("ben@example.com", PASSWORD, accepted_terms=True)
    program = issue_tokens(EMAIL, PASSWORD)
    key = create_api_key(anna.actor, "shop").secret

    change_password(anna.actor, PASSWORD, NEW)

    assert actor_for_session(anna.token) is not None
    assert actor_for_session(phone.token) is None
    with pytest.raises(Unauthenticated):
        refresh_tokens(program.refresh_token)
    with pytest.raises(Unauthenticated):
        actor_for_bearer(program.access_token)
    assert actor_for_bearer(key).id == anna.actor.id
    assert actor_for_session(ben.token) is not None
    with pytest.raises(WrongCredentials):
        sign_in(EMAIL, PASSWORD)
    sign_in(EMAIL, NEW)
    assert _kinds().count("password_changed") == 1


def test_a_wrong_current_password_changes_nothing_and_is_counted_until_it_locks(anna: SignedIn) -> None:
    other = sign_in(EMAIL, PASSWORD)
    for _ in range(attempts.PER_ACCOUNT):
        with pytest.raises(WrongCurrentPassword):
            change_password(anna.actor, "some wrong phrase", NEW)
    with pytest.raises(TooManyAttempts):
        change_password(anna.actor, PASSWORD, NEW)
    with pytest.raises(TooManyAttempts):
        sign_in(EMAIL, PASSWORD)
    assert actor_for_session(other.token) is not None
    clock.travel(timedelta(minutes=15, seconds=1))
    sign_in(EMAIL, PASSWORD)
    assert "password_changed" not in _kinds()


@pytest.mark.parametrize("new", ["short", "password123", "anna@example.com", "ä" * 40])
def test_a_new_password_meets_the_rules_of_signing_up(anna: SignedIn, new: str) -> None:
    with pytest.raises(WeakPassword):
        change_password(anna.actor, PASSWORD, new)
    sign_in(EMAIL, PASSWORD)


def test_of_two_changes_at_once_one_wins_and_the_other_changes_nothing(anna: SignedIn) -> None:
    phone = sign_in(EMAIL, PASSWORD)
    wanted = {anna: f"{NEW} from the desk", phone: f"{NEW} from the phone"}

    def change(who: SignedIn) -> SignedIn | None:
        try:
            change_password(who.actor, PASSWORD, wanted[who])
        except (WrongCredentials, WrongCurrentPassword):
            return None
        return who

    with ThreadPoolExecutor(2) as pool:
        winners = [who for who in pool.map(change, wanted) if who]
    assert len(winners) == 1
    sign_in(EMAIL, wanted[winners[0]])
    assert actor_for_session(winners[0].token) is not None


def test_a_sign_in_proved_with_the_old_password_opens_nothing_after_the_change(
    anna: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = passwords.matches

    def slow(password: str, stored: str | None) -> bool:
        same = really(password, stored)
        monkeypatch.setattr(passwords, "matches", really)
        change_password(anna.actor, PASSWORD, NEW)  # while the other is between proving and opening
        return same

    monkeypatch.setattr(passwords, "matches", slow)
    with pytest.raises(WrongCredentials):
        sign_in(EMAIL, PASSWORD)
    assert [one.is_current for one in list_sessions(anna.actor)] == [True]


def test_signing_out_everywhere_else_leaves_this_browser_alone_signed_in(anna: SignedIn) -> None:
    sign_in(EMAIL, PASSWORD)
    program = issue_tokens(EMAIL, PASSWORD)
    ben = register("ben@example.com", PASSWORD, accepted_terms=True)

    assert sign_out_everywhere_else(anna.actor) == 1

    assert [one.id for one in list_sessions(anna.actor)] == [anna.actor.session_id]
    with pytest.raises(Unauthenticated):
        refresh_tokens(program.refresh_token)
    assert actor_for_session(ben.token) is not None
    assert "signed_out_elsewhere" in _kinds()
