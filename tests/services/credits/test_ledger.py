"""What each movement of the ledger does, on both databases."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from db import new_id, now, snapshot, transaction
from db.models import User
from services import credits
from services.accounts.actor import Actor
from services.credits import InsufficientCredits, ledger, verify_ledger
from services.credits.event_types import CreditsLow
from services.credits.tables import HOLD_LOTS, HOLDS, LOTS, POSTINGS, TRANSACTIONS
from services.errors import Conflict, Invalid, NotFound
from tests.support.credit_accounts import end_job, later, open_person, queue_job
from tests.support.event_log import recorded

pytestmark = pytest.mark.usefixtures("vitrine", "noon")

DAY = timedelta(days=1)


def _hold(person: Actor, amount: int, key: str = "one") -> str:
    job_id = queue_job(person.id)
    with transaction() as session:
        return ledger.hold(session, person.id, amount, key=key, job_id=job_id, actor=person.id)


def _capture(hold_id: str, amount: int | None = None) -> int:
    with transaction() as session:
        return ledger.capture(session, hold_id, amount)


def _release(hold_id: str) -> int:
    with transaction() as session:
        return ledger.release(session, hold_id)


def _refund(hold_id: str, amount: int, key: str = "back") -> str:
    with transaction() as session:
        return ledger.refund(session, hold_id, amount, key=key, actor="usr_staff", reason="Poor result")


def _grant(person: Actor, amount: int, key: str = "gift", lapses_in: timedelta | None = None) -> str:
    lapses_at = None if lapses_in is None else now() + lapses_in
    with transaction() as session:
        return ledger.grant(
            session, person.id, amount, source="bonus", key=key, actor="system", lapses_at=lapses_at, payment_id="pay_1"
        )


def _adjust(person: Actor, amount: int, key: str = "fix", reason: str = "Goodwill") -> str:
    with transaction() as session:
        return ledger.adjust(session, person.id, amount, key=key, actor="usr_staff", reason=reason).id


def _balance(person: Actor) -> tuple[int, int]:
    current = credits.balance(person)
    return current.available, current.held


def _lots(person: Actor) -> dict[str, int]:
    return {lot.source: lot.remaining for lot in credits.balance(person).lots}


def _rows(table: sa.Table) -> int:
    with snapshot() as session:
        return session.connection().execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _books_but_for_ended_jobs() -> list[credits.Discrepancy]:
    return [found for found in verify_ledger() if found.kind != "hold_without_live_job"]


def test_a_new_account_has_ten_welcome_credits_and_three_of_the_day() -> None:
    person = open_person()
    current = credits.balance(person)
    assert (current.available, current.held, current.daily_free_remaining) == (13, 0, 3)
    assert [(lot.source, lot.remaining) for lot in current.lots] == [("daily", 3), ("welcome", 10)]
    assert current.lots[0].lapses_at == (now() + DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    assert current.lots[1].lapses_at is None
    assert verify_ledger() == []


def test_an_account_is_opened_once() -> None:
    person = open_person()
    with pytest.raises(IntegrityError), transaction() as session:
        ledger.open_account(session, person.id)
    assert _balance(person) == (13, 0)


def test_a_person_added_in_the_same_transaction_can_be_given_an_account_and_a_hold() -> None:
    with transaction() as session:
        person = User(email="a@example.test", email_key="a@example.test", password_hash="")
        session.add(person)
        ledger.open_account(session, person.id)
        ledger.hold(session, person.id, 13, key="first", actor=person.id)
    assert _books_but_for_ended_jobs() == []


def test_a_hold_sets_credits_aside_and_a_capture_charges_them() -> None:
    person = open_person()
    hold_id = _hold(person, 5)
    assert _balance(person) == (8, 5)
    assert _capture(hold_id) == 5
    assert _balance(person) == (8, 0)
    assert verify_ledger() == []


def test_a_hold_takes_the_soonest_to_lapse_first() -> None:
    person = open_person()
    _grant(person, 4, lapses_in=30 * DAY)
    _hold(person, 5)
    assert _lots(person) == {"bonus": 2, "welcome": 10}


def test_a_release_puts_credits_back_into_their_lots() -> None:
    person = open_person()
    hold_id = _hold(person, 5)
    assert _lots(person) == {"welcome": 8}
    assert _release(hold_id) == 5
    assert _lots(person) == {"daily": 3, "welcome": 10}
    assert _balance(person) == (13, 0)


def test_a_release_lapses_what_came_from_a_lot_that_has_lapsed() -> None:
    person = open_person()
    hold_id = _hold(person, 5)
    later(DAY)
    assert _release(hold_id) == 5
    assert _lots(person) == {"daily": 3, "welcome": 10}
    end = next(view for view in credits.transactions(person).data if view.kind == "release")
    assert (end.amount, end.change) == (5, 2)
    assert verify_ledger() == []


def test_several_holds_are_released_together_or_not_at_all() -> None:
    person, other = open_person(), open_person()
    first, second, third = (_hold(person, 3, key) for key in ("one", "two", "three"))
    theirs = _hold(other, 2)

    def release(*hold_ids: str) -> None:
        with transaction() as session:
            ledger.release_all(session, person.id, hold_ids, actor=person.id)

    with pytest.raises(NotFound):
        release(first, theirs)
    _capture(third)
    with pytest.raises(Conflict):
        release(first, third)
    assert _balance(person) == (4, 6)
    release(first, second)
    assert (_balance(person), _lots(person)) == ((10, 0), {"daily": 3, "welcome": 7})
    assert verify_ledger() == []


def test_a_capture_in_part_puts_the_rest_back_in_the_same_movement() -> None:
    person = open_person()
    hold_id = _hold(person, 6)
    before = _rows(TRANSACTIONS)
    assert _capture(hold_id, 4) == 4
    assert _rows(TRANSACTIONS) == before + 1
    assert _balance(person) == (9, 0)
    assert _lots(person) == {"welcome": 9}
    assert verify_ledger() == []


def test_a_capture_of_nothing_puts_everything_back() -> None:
    person = open_person()
    hold_id = _hold(person, 6)
    assert _capture(hold_id, 0) == 0
    assert _balance(person) == (13, 0)
    assert verify_ledger() == []


@pytest.mark.parametrize("settle", [_capture, _release])
def test_free_work_holds_and_settles_nothing_but_only_once(settle) -> None:  # type: ignore[no-untyped-def]
    person = open_person()
    hold_id = _hold(person, 0)
    assert _hold(person, 0) == hold_id
    assert settle(hold_id) == 0
    assert settle(hold_id) == 0
    assert _balance(person) == (13, 0)
    assert verify_ledger() == []


def test_a_hold_of_more_than_there_is_takes_nothing() -> None:
    person = open_person()
    with pytest.raises(InsufficientCredits) as refused:
        _hold(person, 14)
    assert (refused.value.code, refused.value.status) == ("insufficient_credits", 402)
    assert (refused.value.needed, refused.value.available) == (14, 13)
    assert "14 credits" in refused.value.message
    assert _balance(person) == (13, 0)
    assert verify_ledger() == []


def test_a_refused_hold_leaves_the_books_right_when_the_caller_goes_on() -> None:
    person = open_person()
    with transaction() as session, pytest.raises(InsufficientCredits):
        ledger.hold(session, person.id, 14, key="one", actor=person.id)
    assert verify_ledger() == []
    assert _balance(person) == (13, 0)


def test_the_same_hold_asked_for_twice_is_one_hold() -> None:
    person = open_person()
    hold_id = _hold(person, 13)
    assert _hold(person, 13) == hold_id  # although nothing is left to hold
    assert _rows(HOLDS) == 1
    _capture(hold_id)
    _grant(person, 20)
    assert _hold(person, 13) == hold_id
    assert _balance(person) == (20, 0)


def test_the_same_key_with_another_amount_is_a_conflict() -> None:
    person = open_person()
    hold_id = _hold(person, 2)
    _capture(hold_id)
    _refund(hold_id, 1)
    _grant(person, 3)
    _adjust(person, 1)
    _adjust(person, -1, key="less")
    for again in (
        lambda: _hold(person, 3),
        lambda: _hold(person, 100),
        lambda: _refund(hold_id, 2),
        lambda: _grant(person, 4),
        lambda: _adjust(person, 2),
        lambda: _adjust(person, -2, key="less"),
        lambda: _hold(person, 3, key="gift"),
    ):
        with pytest.raises(Conflict):
            again()
    assert verify_ledger() == []


def test_the_same_movement_asked_for_twice_happens_once() -> None:
    person = open_person()
    hold_id = _hold(person, 4)
    _capture(hold_id)
    assert _refund(hold_id, 2) == _refund(hold_id, 2)
    assert _grant(person, 7) == _grant(person, 7)
    assert _adjust(person, 3) == _adjust(person, 3)
    assert _adjust(person, -1, key="less") == _adjust(person, -1, key="less")
    assert _balance(person) == (13 - 4 + 2 + 7 + 3 - 1, 0)
    assert verify_ledger() == []


def test_two_people_may_use_the_same_key() -> None:
    one, other = open_person(), open_person()
    assert _hold(one, 1) != _hold(other, 2)
    assert _balance(other) == (11, 2)


def test_a_refund_key_of_another_charge_is_a_conflict() -> None:
    person = open_person()
    first, second = _hold(person, 2), _hold(person, 2, key="two")
    _capture(first)
    _capture(second)
    _refund(first, 1)
    with pytest.raises(Conflict):
        _refund(second, 1)


def test_a_hold_resolves_once() -> None:
    person = open_person()
    captured, released = _hold(person, 3), _hold(person, 3, key="two")
    assert _capture(captured, 2) == _capture(captured, 2) == _capture(captured) == 2
    assert _release(released) == _release(released) == 3
    for contradiction in (
        lambda: _release(captured),
        lambda: _capture(captured, 3),
        lambda: _capture(released),
        lambda: _capture(released, 0),
    ):
        with pytest.raises(Conflict):
            contradiction()
    assert _balance(person) == (11, 0)
    assert verify_ledger() == []


@pytest.mark.parametrize("amount", [-1, 4])
def test_a_capture_stays_within_its_hold(amount: int) -> None:
    hold_id = _hold(open_person(), 3)
    with pytest.raises(Invalid):
        _capture(hold_id, amount)


def test_a_refund_gives_back_credits_that_do_not_lapse_and_never_more_than_were_charged() -> None:
    person = open_person()
    hold_id = _hold(person, 5)
    with pytest.raises(Conflict):
        _refund(hold_id, 1)
    _capture(hold_id, 4)
    _refund(hold_id, 3)
    assert _lots(person) == {"welcome": 9, "refund": 3}
    with pytest.raises(Conflict):
        _refund(hold_id, 2, key="more")
    _refund(hold_id, 1, key="rest")
    assert _balance(person) == (13, 0)
    assert verify_ledger() == []


def test_unknown_people_and_holds_are_not_found() -> None:
    for missing in (
        lambda: _capture("hld_none"),
        lambda: _release("hld_none"),
        lambda: _refund("hld_none", 1),
        lambda: _grant(Actor("usr_none", "", "", "user", "free"), 1),
        lambda: credits.balance(Actor("usr_none", "", "", "user", "free")),
    ):
        with pytest.raises(NotFound):
            missing()


def test_amounts_that_make_no_sense_are_refused() -> None:
    person = open_person()
    hold_id = _hold(person, 1)
    for nonsense in (
        lambda: _hold(person, -1, key="two"),
        lambda: _grant(person, 0),
        lambda: _refund(hold_id, 0),
        lambda: _adjust(person, 0),
        lambda: _adjust(person, 1, reason=" "),
    ):
        with pytest.raises(Invalid):
            nonsense()


def test_staff_may_take_an_account_below_zero_and_later_credits_pay_the_debt_first() -> None:
    person = open_person()
    _adjust(person, -20)
    assert _balance(person) == (-7, 0)
    assert credits.balance(person).lots == ()
    with pytest.raises(InsufficientCredits):
        _hold(person, 1)
    assert _capture(_hold(person, 0, key="free")) == 0
    _grant(person, 5)
    assert _balance(person) == (-2, 0)
    later(DAY)
    assert _balance(person) == (1, 0)
    assert _lots(person) == {"daily": 1}
    _adjust(person, -3, key="again")
    _grant(person, 10, key="purchase")
    assert _lots(person) == {"bonus": 8}
    assert verify_ledger() == []


def test_credits_released_into_a_debt_pay_it_first() -> None:
    person = open_person()
    hold_id = _hold(person, 10)
    _adjust(person, -7)
    assert _balance(person) == (-4, 10)
    _release(hold_id)
    assert _balance(person) == (6, 0)
    assert _lots(person) == {"welcome": 6}
    assert verify_ledger() == []


def test_a_daily_grant_that_only_pays_a_debt_leaves_no_lot_to_spend() -> None:
    person = open_person()
    _adjust(person, -20)
    later(DAY)
    with pytest.raises(InsufficientCredits):
        _hold(person, 1)
    assert _balance(person) == (-4, 0)
    assert verify_ledger() == []


def test_daily_credits_come_once_a_day_and_lapse_at_midnight() -> None:
    person = open_person()
    for _ in range(3):
        assert _balance(person) == (13, 0)
    later(DAY)
    assert _balance(person) == (13, 0)
    _hold(person, 2)
    later(3 * DAY)
    assert _balance(person) == (13, 2)
    kinds = [view.kind for view in credits.transactions(person, limit=100).data]
    assert kinds.count("lapse") == 2
    assert kinds.count("grant") == 4
    assert verify_ledger() == []


def test_a_clock_that_lags_behind_grants_no_second_time() -> None:
    person = open_person()
    assert _balance(person) == (13, 0)
    later(-DAY)
    assert _balance(person) == (13, 0)
    _hold(person, 1)
    assert _balance(person) == (12, 1)


def test_a_hold_counts_the_days_credits_and_not_those_that_lapsed() -> None:
    person = open_person()
    _grant(person, 5, lapses_in=DAY / 2)
    later(2 * DAY)
    with pytest.raises(InsufficientCredits):
        _hold(person, 14)
    _hold(person, 13)
    assert _balance(person) == (0, 13)


def test_daily_credits_stand_between_lots_that_lapse_sooner_and_later() -> None:
    person = open_person()
    _grant(person, 2, key="soon", lapses_in=timedelta(hours=1))
    _grant(person, 2, key="late", lapses_in=30 * DAY)
    _hold(person, 4)  # the first touch: two of the soonest, then two of the day's three
    assert [(lot.source, lot.remaining) for lot in credits.balance(person).lots][-2:] == [("bonus", 2), ("welcome", 10)]


def test_a_held_credit_can_be_charged_after_its_lot_has_lapsed() -> None:
    person = open_person()
    hold_id = _hold(person, 3)
    later(DAY)
    assert _capture(hold_id) == 3
    assert _balance(person) == (13, 0)
    assert verify_ledger() == []


def test_the_sweep_lapses_what_is_due_for_people_who_do_not_come_by() -> None:
    people = [open_person() for _ in range(3)]
    for person in people:
        credits.balance(person)
    _hold(people[0], 1)
    at = now()
    assert ledger.lapse_due(at) == 0
    assert ledger.lapse_due(at + DAY) == 8
    assert ledger.lapse_due(at + DAY) == 0
    assert verify_ledger() == []


def test_the_low_credit_warning_comes_once_a_day() -> None:
    person = open_person()

    _hold(person, 10)
    assert recorded("credits.low") == []
    _hold(person, 1, key="two")
    _hold(person, 2, key="three")
    assert recorded("credits.low") == [CreditsLow(user_id=person.id, available=2)]
    later(DAY)
    _hold(person, 3, key="four")
    assert recorded("credits.low")[1:] == [CreditsLow(user_id=person.id, available=0)]


def test_free_work_with_few_credits_warns_of_nothing() -> None:
    person = open_person()
    _adjust(person, -12)
    _hold(person, 0)
    assert recorded("credits.low") == []


def test_a_movement_that_is_rolled_back_leaves_nothing() -> None:
    person = open_person()
    assert _balance(person) == (13, 0)
    before = (_rows(TRANSACTIONS), _rows(POSTINGS), _rows(HOLDS), _rows(LOTS))
    with pytest.raises(RuntimeError), transaction() as session:
        ledger.hold(session, person.id, 5, key="one", actor=person.id)
        raise RuntimeError
    assert (_rows(TRANSACTIONS), _rows(POSTINGS), _rows(HOLDS), _rows(LOTS)) == before
    assert _balance(person) == (13, 0)


def test_settling_in_the_transaction_that_ends_the_job_leaves_no_hold_behind() -> None:
    person = open_person()
    job_id = queue_job(person.id)
    with transaction() as session:
        hold_id = ledger.hold(session, person.id, 1, key=new_id("key"), job_id=job_id, actor=person.id)
    end_job(job_id)
    assert [found.kind for found in verify_ledger()] == ["hold_without_live_job"]
    _capture(hold_id)
    assert verify_ledger() == []


def _hold_all(person: Actor, amounts: list[int], prefix: str = "many") -> list[str]:
    requests = [
        ledger.HoldRequest(amount, f"{prefix}:{number}", queue_job(person.id)) for number, amount in enumerate(amounts)
    ]
    with transaction() as session:
        return ledger.hold_all(session, person.id, requests, actor=person.id)


def test_several_holds_spend_the_lots_in_turn_soonest_to_lapse_first() -> None:
    person = open_person()
    _grant(person, 4, lapses_in=timedelta(hours=1))
    hold_ids = _hold_all(person, [1, 2, 0, 3, 5])
    with snapshot() as session:
        rows = session.execute(
            sa.select(HOLD_LOTS.c.hold_id, LOTS.c.source, HOLD_LOTS.c.amount)
            .join(LOTS, LOTS.c.id == HOLD_LOTS.c.lot_id)
            .order_by(LOTS.c.lapses_at.asc().nulls_last(), LOTS.c.id)
        ).all()
    parts = [[(source, amount) for id, source, amount in rows if id == hold_id] for hold_id in hold_ids]
    assert parts == [
        [("bonus", 1)],
        [("bonus", 2)],
        [],
        [("bonus", 1), ("daily", 2)],
        [("daily", 1), ("welcome", 4)],
    ]
    assert _balance(person) == (6, 11)
    assert verify_ledger() == []


def test_each_of_several_holds_is_resolved_alone() -> None:
    person = open_person()
    first, second, third = _hold_all(person, [1, 2, 3])
    assert (_capture(second), _release(first), _capture(third, 1)) == (2, 1, 1)
    assert _balance(person) == (10, 0)
    for hold_id in (first, third):
        with pytest.raises(Conflict):
            _capture(hold_id, 0)
    assert verify_ledger() == []


def test_several_holds_are_made_all_or_none() -> None:
    person = open_person()
    with pytest.raises(InsufficientCredits) as rejected:
        _hold_all(person, [5, 5, 4])
    assert (rejected.value.needed, rejected.value.available) == (14, 13)
    with snapshot() as session:
        assert session.execute(sa.select(HOLDS)).all() == []
    assert _balance(person) == (13, 0)


def test_several_holds_with_the_same_keys_are_made_once() -> None:
    person = open_person()
    hold_ids = _hold_all(person, [1, 1])
    assert _hold_all(person, [1, 1]) == hold_ids
    with pytest.raises(Conflict):
        _hold_all(person, [1, 1, 1])
    assert _balance(person) == (11, 2)
