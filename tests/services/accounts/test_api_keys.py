from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from config import Settings
from db import clock, now, snapshot, transaction
from db.models import ApiKey, User
from services.accounts import api_keys
from services.accounts.actor import Actor
from services.accounts.api_keys import create_api_key, list_api_keys, regenerate_api_key, revoke_api_key
from services.accounts.errors import AccountSuspended, Unauthenticated
from services.accounts.registration import create_user
from services.accounts.tokens import actor_for_bearer
from services.errors import Conflict, Forbidden, Invalid, NotFound

PASSWORD = "correct horse battery"


@pytest.fixture
def anna(vitrine: Settings) -> Actor:
    return create_user("anna@example.com", PASSWORD)


def test_a_key_stands_for_its_owner_with_its_scopes(anna: Actor) -> None:
    made = create_api_key(anna, "Shop", ["read"], rate_limit_per_minute=7)
    actor = actor_for_bearer(made.secret)
    assert (actor.id, actor.scopes, actor.key_id) == (anna.id, frozenset({"read"}), made.key.id)
    assert actor.rate_limit_per_minute == 7
    with pytest.raises(Forbidden, match="'write' scope"):
        actor.require_scope("write")


def test_the_secret_is_shown_once_and_kept_only_as_a_hash(anna: Actor) -> None:
    made = create_api_key(anna, "Shop")
    with snapshot() as session:
        row = session.scalars(sa.select(ApiKey)).one()
    assert made.secret.startswith("vit_")
    assert made.secret not in row.model_dump().values()
    assert row.hint == made.secret[-4:]
    assert not hasattr(list_api_keys(anna)[0], "secret")


def test_a_revoked_key_stops_at_once_and_leaves_the_list(anna: Actor) -> None:
    made = create_api_key(anna, "Shop")
    actor_for_bearer(made.secret)
    revoke_api_key(anna, made.key.id)
    with pytest.raises(Unauthenticated, match="revoked"):
        actor_for_bearer(made.secret)
    assert list_api_keys(anna) == []
    with pytest.raises(NotFound):
        revoke_api_key(anna, made.key.id)


def test_an_expired_key_is_refused_and_still_listed(anna: Actor) -> None:
    made = create_api_key(anna, "Shop", expires_at=now() + timedelta(hours=1))
    actor_for_bearer(made.secret)
    clock.travel(timedelta(hours=1, seconds=1))
    with pytest.raises(Unauthenticated, match="expired"):
        actor_for_bearer(made.secret)
    assert [key.id for key in list_api_keys(anna)] == [made.key.id]


def test_a_regenerated_key_has_a_new_secret_and_the_old_one_stops(anna: Actor) -> None:
    made = create_api_key(anna, "Shop", ["read"])
    renewed = regenerate_api_key(anna, made.key.id)
    assert renewed.key.id == made.key.id
    assert actor_for_bearer(renewed.secret).scopes == frozenset({"read"})
    with pytest.raises(Unauthenticated):
        actor_for_bearer(made.secret)


def test_the_last_use_is_noted_at_most_once_a_minute(anna: Actor) -> None:
    made = create_api_key(anna, "Shop")
    actor_for_bearer(made.secret)
    first = list_api_keys(anna)[0].last_used_at
    clock.travel(timedelta(seconds=30))
    actor_for_bearer(made.secret)
    assert first is not None and list_api_keys(anna)[0].last_used_at == first
    clock.travel(timedelta(seconds=90))
    actor_for_bearer(made.secret)
    assert list_api_keys(anna)[0].last_used_at != first


def test_nobody_can_change_somebody_elses_keys(anna: Actor) -> None:
    made = create_api_key(anna, "Shop")
    ben = create_user("ben@example.com", PASSWORD)
    for touch in (revoke_api_key, regenerate_api_key):
        with pytest.raises(NotFound):
            touch(ben, made.key.id)
    assert list_api_keys(ben) == []
    actor_for_bearer(made.secret)


def test_a_key_cannot_make_a_key_that_can_do_more(anna: Actor) -> None:
    narrow = actor_for_bearer(create_api_key(anna, "Narrow", ["read", "write"]).secret)
    assert create_api_key(narrow, "Same", ["read"]).key.scopes == ("read",)
    wide = create_api_key(anna, "Wide", ["read", "billing"])
    with pytest.raises(Forbidden):
        create_api_key(narrow, "More", ["billing"])
    with pytest.raises(Forbidden):
        regenerate_api_key(narrow, wide.key.id)
    with pytest.raises(Forbidden):
        create_api_key(actor_for_bearer(create_api_key(anna, "Reader", ["read"]).secret), "New", ["read"])


def test_a_key_that_lapses_cannot_make_one_that_does_not(anna: Actor) -> None:
    end = now() + timedelta(hours=1)
    lapsing = actor_for_bearer(create_api_key(anna, "Lapsing", expires_at=end).secret)
    assert create_api_key(lapsing, "Child").key.expires_at == end
    assert create_api_key(lapsing, "Later", expires_at=end + timedelta(days=1)).key.expires_at == end


def test_only_staff_get_the_admin_scope(anna: Actor) -> None:
    with pytest.raises(Forbidden):
        create_api_key(anna, "Boss", ["admin"])
    staff = create_user("staff@example.com", PASSWORD, "support_admin")
    assert create_api_key(staff, "Boss", ["admin"]).key.scopes == ("admin",)


@pytest.mark.parametrize(
    ("field", "arguments"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "x" * 101}),
        ("name", {"name": "nul\0"}),
        ("scopes", {"name": "Shop", "scopes": []}),
        ("scopes", {"name": "Shop", "scopes": ["read", "fly"]}),
    ],
)
def test_a_wrong_field_of_a_new_key_is_named(anna: Actor, field: str, arguments: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        create_api_key(anna, **arguments)  # type: ignore[arg-type]
    assert refused.value.errors[0].field == field


def test_a_new_key_must_expire_in_the_future(anna: Actor) -> None:
    with pytest.raises(Invalid):
        create_api_key(anna, "Shop", expires_at=now() - timedelta(seconds=1))


def test_there_is_a_most_to_the_number_of_keys(anna: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MAX_KEYS", 2)
    first = create_api_key(anna, "One")
    create_api_key(anna, "Two")
    with pytest.raises(Conflict, match="2 keys"):
        create_api_key(anna, "Three")
    revoke_api_key(anna, first.key.id)
    create_api_key(anna, "Three")


def test_the_keys_of_a_suspended_person_stop(anna: Actor) -> None:
    made = create_api_key(anna, "Shop")
    with transaction() as session:
        session.execute(sa.update(User).where(col(User.id) == anna.id).values(suspended_at=now()))
    with pytest.raises(AccountSuspended):
        actor_for_bearer(made.secret)
