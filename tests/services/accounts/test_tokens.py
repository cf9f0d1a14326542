from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
import sqlalchemy as sa
from sqlmodel import col

from config import Settings
from db import clock, now, snapshot, transaction
from db.models import RefreshToken, SecurityEvent, User
from services.accounts import tokens
from services.accounts.actor import Actor
from services.accounts.errors import AccountSuspended, Unauthenticated, WrongCredentials
from services.accounts.registration import create_user
from services.accounts.tokens import TokenPair, actor_for_bearer, issue_tokens, refresh_tokens, revoke_tokens

PASSWORD = "correct horse battery"
EMAIL = "anna@example.com"


@pytest.fixture
def anna(vitrine: Settings) -> Actor:
    return create_user(EMAIL, PASSWORD)


@pytest.fixture
def pair(anna: Actor) -> TokenPair:
    return issue_tokens(EMAIL, PASSWORD)


def test_an_access_token_stands_for_the_person_who_signed_in(anna: Actor, pair: TokenPair) -> None:
    actor = actor_for_bearer(pair.access_token)
    assert actor.id == anna.id
    assert actor.scopes == frozenset({"read", "write", "billing", "admin"})
    assert pair.expires_in == 900


def test_tokens_need_the_right_password(anna: Actor) -> None:
    with pytest.raises(WrongCredentials):
        issue_tokens(EMAIL, "some wrong phrase")


def test_an_access_token_expires_after_a_quarter_of_an_hour(pair: TokenPair) -> None:
    clock.travel(timedelta(minutes=14))
    actor_for_bearer(pair.access_token)
    clock.travel(timedelta(minutes=15, seconds=1))
    with pytest.raises(Unauthenticated, match="expired"):
        actor_for_bearer(pair.access_token)


def test_a_refresh_token_gets_the_next_pair_once(anna: Actor, pair: TokenPair) -> None:
    following = refresh_tokens(pair.refresh_token)
    assert actor_for_bearer(following.access_token).id == anna.id
    assert following.refresh_token != pair.refresh_token


def test_using_a_spent_refresh_token_ends_the_whole_sign_in_and_is_noted(pair: TokenPair) -> None:
    following = refresh_tokens(pair.refresh_token)
    with pytest.raises(Unauthenticated):
        refresh_tokens(pair.refresh_token)
    with pytest.raises(Unauthenticated):
        refresh_tokens(following.refresh_token)
    with pytest.raises(Unauthenticated):
        actor_for_bearer(following.access_token)
    with snapshot() as session:
        kinds = session.scalars(sa.select(col(SecurityEvent.kind))).all()
    assert kinds.count("refresh_token_reused") == 1


def test_of_two_refreshes_at_once_at_most_one_succeeds(pair: TokenPair) -> None:
    def attempt(_: int) -> bool:
        try:
            refresh_tokens(pair.refresh_token)
        except Unauthenticated:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, range(4))) == 1


def test_another_sign_in_is_not_touched_by_the_end_of_one(anna: Actor, pair: TokenPair) -> None:
    other = issue_tokens(EMAIL, PASSWORD)
    revoke_tokens(actor_for_bearer(pair.access_token))
    with pytest.raises(Unauthenticated):
        actor_for_bearer(pair.access_token)
    assert actor_for_bearer(other.access_token).id == anna.id


def test_a_person_can_end_a_sign_in_by_its_refresh_token_but_not_somebody_elses(anna: Actor, pair: TokenPair) -> None:
    ben = create_user("ben@example.com", PASSWORD)
    revoke_tokens(ben, pair.refresh_token)
    actor_for_bearer(pair.access_token)
    revoke_tokens(anna, pair.refresh_token)
    with pytest.raises(Unauthenticated):
        actor_for_bearer(pair.access_token)


def test_a_refresh_token_expires_after_a_month(pair: TokenPair) -> None:
    clock.travel(timedelta(days=tokens.REFRESH_DAYS, seconds=1))
    with pytest.raises(Unauthenticated):
        refresh_tokens(pair.refresh_token)


def test_a_suspended_person_can_neither_use_nor_refresh_tokens(anna: Actor, pair: TokenPair) -> None:
    with transaction() as session:
        session.execute(sa.update(User).where(col(User.id) == anna.id).values(suspended_at=now()))
    with pytest.raises(AccountSuspended):
        actor_for_bearer(pair.access_token)
    with pytest.raises(Unauthenticated):
        refresh_tokens(pair.refresh_token)


def test_the_database_holds_no_refresh_token_that_could_be_used(pair: TokenPair) -> None:
    with snapshot() as session:
        row = session.scalars(sa.select(RefreshToken)).one()
    assert pair.refresh_token not in (row.token_hash, row.id)
    with pytest.raises(Unauthenticated):
        refresh_tokens(row.token_hash)


def _claims(anna: Actor) -> dict[str, object]:
    return {"sub": anna.id, "aud": "vitrine-api", "fam": "fam_x", "exp": now() + timedelta(minutes=5)}


def test_a_token_signed_with_another_key_or_not_at_all_is_refused(anna: Actor) -> None:
    forged = jwt.encode(_claims(anna), "another secret of 32 characters!!", algorithm="HS256")
    unsigned = jwt.encode(_claims(anna), "", algorithm="none")
    for token in (forged, unsigned, "", "x", "a.b.c", "vit_", "vit_unknown", "é.é.é"):
        with pytest.raises(Unauthenticated):
            actor_for_bearer(token)


@pytest.mark.parametrize("missing", ["sub", "aud", "fam", "exp"])
def test_a_token_that_lacks_a_claim_is_refused(anna: Actor, vitrine: Settings, missing: str) -> None:
    claims = {name: value for name, value in _claims(anna).items() if name != missing}
    token = jwt.encode(claims, vitrine.secret_key.get_secret_value(), algorithm="HS256")
    with pytest.raises(Unauthenticated):
        actor_for_bearer(token)


@pytest.mark.parametrize("wrong", [{"exp": "soon"}, {"exp": [1]}, {"exp": float("inf")}, {"fam": {"a": 1}}, {"fam": 5}])
def test_a_token_whose_claims_are_of_another_kind_is_refused(
    anna: Actor, vitrine: Settings, wrong: dict[str, object]
) -> None:
    token = jwt.encode({**_claims(anna), **wrong}, vitrine.secret_key.get_secret_value(), algorithm="HS256")
    with pytest.raises(Unauthenticated):
        actor_for_bearer(token)
