"""The proof of the books finds each thing that can be wrong with them."""

import pytest
import sqlalchemy as sa

from db import new_id, now, transaction
from services.accounts.actor import Actor
from services.credits import ledger, verify_ledger
from tests.support.credit_accounts import open_person, queue_job

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def person(vitrine: object) -> Actor:
    """Someone with a captured hold of 4 (one refunded) and an open hold of 2."""
    person = open_person()
    for key, amount in (("done", 4), ("open", 2)):
        job_id = queue_job(person.id)
        with transaction() as session:
            hold_id = ledger.hold(session, person.id, amount, key=key, job_id=job_id, actor=person.id)
            if key == "done":
                ledger.capture(session, hold_id, 3)
                ledger.refund(session, hold_id, 1, key="back", actor="staff", reason="Poor result")
    assert verify_ledger() == []
    return person


def _tamper(statement: str, **parameters: object) -> set[str]:
    """What is found after running `statement`, kinds only."""
    with transaction() as session:
        changed = session.connection().execute(sa.text(statement), parameters)
        assert changed.rowcount
    found = verify_ledger()
    assert all(one.subject and one.detail for one in found)
    return {one.kind for one in found}


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("UPDATE credit_accounts SET available = available + 1", {"balance_differs_from_postings"}),
        ("UPDATE credit_accounts SET held = held + 1", {"balance_differs_from_postings", "holds_differ_from_held"}),
        ("UPDATE credit_accounts SET movements = movements + 1", {"broken_sequence"}),
        ("UPDATE credit_lots SET remaining = remaining + 1 WHERE source = 'welcome'", {"lots_differ_from_available"}),
        ("UPDATE credit_holds SET amount = 3 WHERE state = 'held'", {"holds_differ_from_held"}),
        ("UPDATE credit_holds SET refunded = 0 WHERE state = 'captured'", {"hold_differs_from_its_postings"}),
        ("UPDATE credit_holds SET state = 'released' WHERE state = 'captured'", {"hold_out_of_bounds"}),
        ("UPDATE credit_holds SET job_id = NULL WHERE state = 'held'", {"hold_without_live_job"}),
        ("UPDATE credit_holds SET job_id = 'job_none' WHERE state = 'held'", {"hold_without_live_job"}),
        ("UPDATE jobs SET status = 'failed'", {"hold_without_live_job"}),
        ("UPDATE credit_hold_lots SET amount = amount + 1", {"hold_differs_from_its_lots"}),
    ],
)
def test_what_is_cached_or_held_wrongly_is_found(person: Actor, statement: str, kinds: set[str]) -> None:
    assert kinds <= _tamper(statement)


def test_postings_that_do_not_sum_to_zero_are_found(person: Actor) -> None:
    kinds = _tamper(
        "INSERT INTO ledger_postings (transaction_id, account, user_id, amount) "
        "SELECT id, 'platform:lapsed', user_id, 1 FROM ledger_transactions WHERE kind = 'hold'"
    )
    assert kinds == {"unbalanced_transaction"}


def _insert_transaction(user_id: str, sequence: int) -> set[str]:
    return _tamper(
        "INSERT INTO ledger_transactions (id, user_id, sequence, kind, idempotency_key, actor, reason, amount, "
        "available_after, held_after, created_at) VALUES (:id, :user, :sequence, 'grant', :id, '', '', 5, 5, 0, :at)",
        id=new_id("ltx"),
        user=user_id,
        sequence=sequence,
        at=now().isoformat(),
    )


def test_a_transaction_without_postings_is_found(person: Actor) -> None:
    kinds = _insert_transaction(person.id, 1000)
    assert kinds == {"unposted_transaction", "broken_sequence", "wrong_running_balance"}


def test_a_transaction_without_an_account_is_found(person: Actor) -> None:
    kinds = _tamper(
        "INSERT INTO users (id, email, email_key, name, password_hash, role, tier, theme, created_at) "
        "SELECT 'usr_bare', 'b', 'b', '', '', role, tier, theme, created_at FROM users"
    )
    assert kinds == set()
    assert "transaction_without_account" in _insert_transaction("usr_bare", 1)


def test_a_posting_filed_under_someone_else_is_found(person: Actor) -> None:
    kinds = _tamper(
        "INSERT INTO ledger_postings (transaction_id, account, user_id, amount) "
        "SELECT id, 'platform:lapsed', 'usr_other', 0 FROM ledger_transactions WHERE kind = 'hold'"
    )
    assert kinds == {"misfiled_posting"}


def test_two_open_holds_of_one_job_are_found(person: Actor) -> None:
    job_id = queue_job(person.id)
    with transaction() as session:
        for key in ("one", "two"):
            ledger.hold(session, person.id, 1, key=key, job_id=job_id, actor=person.id)
    assert [(one.kind, one.subject) for one in verify_ledger()] == [("job_with_several_holds", job_id)]
