"""What people see of their credits, and what staff may do to them."""

import csv
import io
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from db import now, transaction
from db.models import Role
from services import credits
from services.accounts.actor import Actor
from services.accounts.event_types import StaffActed
from services.credits import balances, ledger
from services.errors import Forbidden, Invalid, NotFound
from tests.support.credit_accounts import later, open_person, queue_job
from tests.support.event_log import recorded

pytestmark = pytest.mark.usefixtures("vitrine", "noon")


@pytest.fixture
def person(vitrine: object) -> Actor:
    """Someone who had a hold of 5 of which 4 were charged, for a job."""
    person = open_person()
    job_id = queue_job(person.id)
    with transaction() as session:
        hold_id = ledger.hold(session, person.id, 5, key="one", job_id=job_id, actor=person.id)
    with transaction() as session:
        ledger.capture(session, hold_id, 4)
    return person


def test_history_is_newest_first_and_its_balances_follow_from_its_changes(person: Actor) -> None:
    page = credits.transactions(person)
    assert [(one.kind, one.amount, one.change, one.available_after, one.held_after) for one in page.data] == [
        ("capture", 4, 1, 9, 0),
        ("hold", 5, -5, 8, 5),
        ("grant", 3, 3, 13, 0),
        ("grant", 10, 10, 10, 0),
    ]
    assert page.has_more is False
    assert page.data[0].job_id == page.data[1].job_id is not None
    assert page.data[3].reason == "Welcome credits"


def test_history_comes_in_pages(person: Actor) -> None:
    first = credits.transactions(person, limit=3)
    assert (len(first.data), first.has_more) == (3, True)
    second = credits.transactions(person, limit=3, starting_after=first.data[-1].id)
    assert ([one.amount for one in second.data], second.has_more) == ([10], False)


def test_history_can_be_filtered_by_kind_and_time(person: Actor) -> None:
    assert [one.kind for one in credits.transactions(person, kind="hold").data] == ["hold"]
    assert credits.transactions(person, since=now()).data == ()
    assert credits.transactions(person, until=now() - timedelta(hours=1)).data == ()
    assert len(credits.transactions(person, since=now() - timedelta(hours=1), until=now()).data) == 4


def test_free_work_is_not_in_the_history(person: Actor) -> None:
    with transaction() as session:
        hold_id = ledger.hold(session, person.id, 0, key="free", actor=person.id)
        ledger.release(session, hold_id)
    assert len(credits.transactions(person).data) == 4


def test_a_capture_of_nothing_that_gave_credits_back_is_in_the_history(person: Actor) -> None:
    with transaction() as session:
        ledger.capture(session, ledger.hold(session, person.id, 2, key="two", actor=person.id), 0)
    assert [(one.kind, one.change) for one in credits.transactions(person, limit=2).data] == [
        ("capture", 2),
        ("hold", -2),
    ]


def test_questions_that_make_no_sense_are_refused(person: Actor) -> None:
    other = open_person()
    foreign = credits.transactions(person).data[0].id
    for ask in (
        lambda: credits.transactions(person, kind="theft"),
        lambda: credits.transactions(person, limit=0),
        lambda: credits.transactions(person, limit=101),
        lambda: credits.transactions(person, starting_after="ltx_none"),
        lambda: credits.transactions(other, starting_after=foreign),
    ):
        with pytest.raises(Invalid) as refused:
            ask()
        assert refused.value.errors[0].field in ("kind", "limit", "starting_after")


def test_the_export_has_all_movements_and_no_cell_a_spreadsheet_would_run(person: Actor) -> None:
    with transaction() as session:
        ledger.adjust(session, person.id, 2, key="x", actor="staff", reason="=HYPERLINK(1)")
    rows = list(csv.DictReader(io.StringIO(credits.transactions_csv(person))))
    assert len(rows) == 5
    assert (rows[0]["type"], rows[0]["amount"], rows[0]["change"], rows[0]["balance"]) == ("adjust", "2", "2", "11")
    assert rows[0]["reason"] == "'=HYPERLINK(1)"
    assert len(list(csv.DictReader(io.StringIO(credits.transactions_csv(person, kind="hold"))))) == 1


def test_looking_at_the_balance_writes_only_when_something_is_due(
    person: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    credits.balance(person)

    def refuse() -> None:
        raise AssertionError("a look that has nothing to do opened a writing transaction")

    monkeypatch.setattr(balances, "transaction", refuse)
    assert credits.balance(person).available == 9
    monkeypatch.undo()
    later(timedelta(days=1))
    assert credits.balance(person).daily_free_remaining == 3


def test_support_staff_adjust_an_account_with_a_reason_once(person: Actor) -> None:
    staff = open_person(Role.SUPPORT_ADMIN)
    for _ in range(2):
        after = credits.adjust_user(staff, person.id, -12, "Charged back", "key-1")
        assert after.available == -3
    newest = credits.transactions(person, limit=1).data[0]
    assert (newest.kind, newest.change, newest.reason) == ("adjust", -12, "Charged back")
    details = {"amount": -12, "reason": "Charged back"}
    acted = StaffActed(user_id=person.id, staff_id=staff.id, action="credits_adjusted", details=details)
    assert recorded("staff.acted") == [acted]


def test_only_support_staff_may_adjust(person: Actor) -> None:
    staff = open_person(Role.SUPER_ADMIN)
    for actor in (person, open_person(Role.FINANCE_ADMIN), replace(staff, scopes=frozenset({"read", "write"}))):
        with pytest.raises(Forbidden):
            credits.adjust_user(actor, person.id, 5, "Gift", "key-1")
    with pytest.raises(NotFound):
        credits.adjust_user(staff, "usr_none", 5, "Gift", "key-1")
    assert credits.adjust_user(staff, person.id, 5, "Gift", "key-1").available == 14


def test_the_ledger_module_never_changes_or_removes_a_movement() -> None:
    """Only INSERT and SELECT on the two append-only tables, in every statement the package prepares."""
    import importlib

    changing = []
    for name in ("account", "lots", "holds", "ledger", "balances", "history"):
        module = importlib.import_module(f"services.credits.{name}")
        changing += [
            value.table.name
            for value in vars(module).values()
            if isinstance(value, sa.Update | sa.Delete)  # what writes but does not add
        ]
    assert set(changing) == {"credit_accounts", "credit_lots", "credit_holds"}
