from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from config import Settings
from db import clock, snapshot
from db.models import CreditAccount, Role, SecurityEvent, User
from services import bootstrap
from services.accounts import attempts
from services.accounts.errors import RegistrationRefused, TooManyAttempts
from services.accounts.event_types import UserRegistered
from services.accounts.registration import create_user, register
from services.accounts.sessions import actor_for_session, sign_in
from services.errors import Conflict, Invalid
from tests.support.event_log import recorded

PASSWORD = "correct horse battery"


def _count(model: type[User] | type[CreditAccount]) -> int:
    with snapshot() as session:
        return session.execute(sa.select(sa.func.count()).select_from(model)).scalar_one()


def test_signing_up_makes_an_account_with_ten_credits_and_a_session(vitrine: Settings) -> None:
    signed_in = register(" Anna@Example.com ", PASSWORD, "  Anna   Smith ", accepted_terms=True)
    assert signed_in.actor.email == "Anna@Example.com"
    assert signed_in.actor.name == "Anna Smith"
    assert actor_for_session(signed_in.token) == signed_in.actor
    with snapshot() as session:
        account = session.get(CreditAccount, signed_in.actor.id)
        user = session.get(User, signed_in.actor.id)
    assert account is not None and account.available == 10
    assert user is not None and user.terms_accepted_at is not None
    assert PASSWORD not in user.password_hash


def test_the_first_account_is_super_admin_and_the_second_is_not(vitrine: Settings) -> None:
    first = register("anna@example.com", PASSWORD, accepted_terms=True)
    second = register("ben@example.com", PASSWORD, accepted_terms=True)
    assert first.actor.role == Role.SUPER_ADMIN
    assert second.actor.role == Role.USER


def test_of_many_first_sign_ups_at_once_exactly_one_is_super_admin(vitrine: Settings) -> None:
    with ThreadPoolExecutor(8) as pool:
        people = list(pool.map(lambda n: register(f"p{n}@example.com", PASSWORD, accepted_terms=True), range(8)))
    assert [person.actor.role for person in people].count(Role.SUPER_ADMIN) == 1


def test_in_production_sign_up_never_gives_a_role(vitrine_sqlite: Settings) -> None:
    bootstrap.start(
        Settings(
            env="production",
            stripe_api_key="sk_live_x",
            stripe_webhook_secret="whsec_x",
            secret_key="x" * 40,
            public_url="https://shop.example",
            database_url=vitrine_sqlite.database_url,
            data_dir=vitrine_sqlite.data_dir,
            _env_file=None,
        )  # type: ignore[call-arg]
    )
    assert register("anna@example.com", PASSWORD, accepted_terms=True).actor.role == Role.USER


def test_an_address_that_is_taken_gets_the_same_refusal_as_any_and_changes_nothing(vitrine: Settings) -> None:
    register("anna@example.com", PASSWORD, accepted_terms=True)
    with pytest.raises(RegistrationRefused) as refused:
        register("ANNA@example.com", "another good phrase", accepted_terms=True)
    assert "exist" not in refused.value.message
    assert _count(User) == 1
    sign_in("anna@example.com", PASSWORD)


def test_signing_up_twice_with_the_same_password_signs_in(vitrine: Settings) -> None:
    first = register("anna@example.com", PASSWORD, accepted_terms=True)
    again = register("anna@example.com", PASSWORD, accepted_terms=True)
    assert again.actor.id == first.actor.id
    assert again.token != first.token
    assert _count(CreditAccount) == 1


def test_guessing_a_password_through_the_sign_up_form_ends_in_the_same_lock_out(vitrine_sqlite: Settings) -> None:
    register("anna@example.com", PASSWORD, accepted_terms=True)
    for n in range(attempts.PER_ACCOUNT):
        with pytest.raises(RegistrationRefused):
            register("anna@example.com", f"a wrong phrase {n}", accepted_terms=True)
    with pytest.raises(TooManyAttempts):
        register("anna@example.com", PASSWORD, accepted_terms=True)


def test_two_sign_ups_with_one_address_at_the_same_time_make_one_account(vitrine: Settings) -> None:
    def attempt(n: int) -> str:
        try:
            return register("anna@example.com", f"a fine phrase {n}", accepted_terms=True).actor.id
        except RegistrationRefused:
            return ""

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(attempt, range(4)))
    assert len([one for one in ids if one]) == 1
    assert _count(User) == _count(CreditAccount) == 1


def test_an_address_may_make_only_so_many_accounts_an_hour(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "REGISTRATIONS_PER_ADDRESS", 3)
    for n in range(3):
        register(f"p{n}@example.com", PASSWORD, accepted_terms=True, address="203.0.113.7")
    with pytest.raises(TooManyAttempts) as limited:
        register("more@example.com", PASSWORD, accepted_terms=True, address="203.0.113.7")
    assert limited.value.retry_after is not None and 3500 < limited.value.retry_after <= 3600
    register("elsewhere@example.com", PASSWORD, accepted_terms=True, address="203.0.113.8")
    clock.travel(timedelta(hours=1, seconds=1))
    register("later@example.com", PASSWORD, accepted_terms=True, address="203.0.113.7")


@pytest.mark.parametrize(
    ("field", "call"),
    [
        ("email", lambda: register("not an address", PASSWORD, accepted_terms=True)),
        ("email", lambda: register("<script>@b.example", PASSWORD, accepted_terms=True)),
        ("email", lambda: register("a@b.example,c", PASSWORD, accepted_terms=True)),
        ("email", lambda: register("a@b", PASSWORD, accepted_terms=True)),
        ("email", lambda: register("a\0@b.example", PASSWORD, accepted_terms=True)),
        ("email", lambda: register("x" * 250 + "@b.example", PASSWORD, accepted_terms=True)),
        ("password", lambda: register("a@b.example", "short", accepted_terms=True)),
        ("accepted_terms", lambda: register("a@b.example", PASSWORD, accepted_terms=False)),
        ("name", lambda: register("a@b.example", PASSWORD, "x" * 101, accepted_terms=True)),
        ("name", lambda: register("a@b.example", PASSWORD, "nul\0", accepted_terms=True)),
    ],
)
def test_a_sign_up_with_a_wrong_field_names_the_field(
    vitrine_sqlite: Settings, field: str, call: Callable[[], object]
) -> None:
    with pytest.raises(Invalid) as refused:
        call()
    assert [one.field for one in refused.value.errors] == [field]
    assert _count(User) == 0


def test_every_sign_up_leaves_a_security_event_without_the_password(vitrine: Settings) -> None:
    register("anna@example.com", PASSWORD, accepted_terms=True, address="203.0.113.7")
    with snapshot() as session:
        events = session.scalars(sa.select(SecurityEvent)).all()
    assert {event.kind for event in events} == {"registration", "registered"}
    assert all(event.address == "203.0.113.7" and PASSWORD not in str(event.details) for event in events)


def test_the_command_line_makes_an_account_with_role_tier_and_credits(vitrine: Settings) -> None:
    actor = create_user("anna@example.com", PASSWORD, "finance_admin", "paid", 25)
    assert (actor.role, actor.tier) == ("finance_admin", "paid")
    with snapshot() as session:
        account = session.get(CreditAccount, actor.id)
    assert account is not None and account.available == 35
    with pytest.raises(Conflict):
        create_user("anna@example.com", PASSWORD)
    with pytest.raises(Invalid, match="role must be one of"):
        create_user("ben@example.com", PASSWORD, "king")


def test_a_new_account_is_recorded_as_an_event_once(vitrine_sqlite: Settings) -> None:
    first = register("anna@example.com", PASSWORD, accepted_terms=True).actor
    register("anna@example.com", PASSWORD, accepted_terms=True)  # a double click
    second = create_user("ben@example.com", PASSWORD, tier="paid")
    assert recorded("user.registered") == [
        UserRegistered(user_id=first.id, origin="sign_up", tier="free"),
        UserRegistered(user_id=second.id, origin="command_line", tier="paid"),
    ]
