"""Many clients at one account at once: the lock, not luck, decides."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from threading import Barrier

import pytest

import db
from db import new_id, transaction
from services import credits
from services.accounts.actor import Actor
from services.credits import InsufficientCredits, ledger, verify_ledger
from tests.support.credit_accounts import open_person, queue_job

CLIENTS = 16

pytestmark = pytest.mark.usefixtures("noon")


def _person_with(amount: int) -> Actor:
    """Someone with exactly `amount` credits, the day's free ones among them."""
    person = open_person()
    with transaction() as session:
        ledger.adjust(
            session, person.id, amount - credits.balance(person).available, key="exact", actor="test", reason="Test"
        )
    assert credits.balance(person).available == amount
    return person


def _at_once(work: Callable[[int], object]) -> list[object]:
    """Run `work` in 16 threads that all start together; what each returned or raised."""
    barrier = Barrier(CLIENTS)

    def client(number: int) -> object:
        barrier.wait()
        try:
            return work(number)
        except InsufficientCredits as refused:
            return refused

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


@pytest.mark.usefixtures("vitrine")
def test_of_sixteen_clients_spending_the_last_ten_credits_at_once_exactly_ten_succeed() -> None:
    person = _person_with(10)
    jobs = [queue_job(person.id) for _ in range(CLIENTS)]

    def spend(number: int) -> str:
        with transaction() as session:
            return ledger.hold(session, person.id, 1, key=f"hold:{number}", job_id=jobs[number], actor=person.id)

    outcomes = _at_once(spend)

    holds = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert len(set(holds)) == 10
    assert sum(isinstance(outcome, InsufficientCredits) for outcome in outcomes) == 6
    current = credits.balance(person)
    assert (current.available, current.held) == (0, 10)
    assert verify_ledger() == []


@pytest.mark.usefixtures("vitrine")
def test_of_sixteen_repeats_of_one_hold_at_once_one_holds() -> None:
    person = _person_with(10)
    job_id = queue_job(person.id)

    def ask(_number: int) -> str:
        with transaction() as session:
            return ledger.hold(session, person.id, 10, key="same", job_id=job_id, actor=person.id)

    assert len(set(_at_once(ask))) == 1
    assert (credits.balance(person).available, credits.balance(person).held) == (0, 10)
    assert verify_ledger() == []


@pytest.mark.usefixtures("vitrine")
def test_of_sixteen_captures_of_one_hold_at_once_one_charges() -> None:
    person = _person_with(10)
    with transaction() as session:
        hold_id = ledger.hold(session, person.id, 4, key=new_id("key"), actor=person.id)

    def settle(_number: int) -> int:
        with transaction() as session:
            return ledger.capture(session, hold_id, 3)

    assert _at_once(settle) == [3] * CLIENTS
    assert (credits.balance(person).available, credits.balance(person).held) == (7, 0)
    assert verify_ledger() == []


@pytest.mark.usefixtures("vitrine")
def test_sixteen_looks_at_the_balance_on_a_new_day_grant_its_credits_once() -> None:
    person = open_person()
    assert _at_once(lambda _number: credits.balance(person).available) == [13] * CLIENTS
    assert verify_ledger() == []


def _spend_in_a_process(start: Event, answers: SimpleQueue[str], user_id: str, job_id: str) -> None:
    db.engine().dispose(close=False)  # the connections are the parent's: this process makes its own
    start.wait()
    try:
        with transaction() as session:
            ledger.hold(session, user_id, 1, key=job_id, job_id=job_id, actor=user_id)
        answers.put("held")
    except InsufficientCredits:
        answers.put("refused")


@pytest.mark.usefixtures("vitrine")
def test_the_lock_holds_between_processes_too() -> None:
    person = _person_with(10)
    fork = multiprocessing.get_context("fork")
    start, answers = fork.Event(), fork.SimpleQueue()
    clients = [
        fork.Process(target=_spend_in_a_process, args=(start, answers, person.id, queue_job(person.id)))
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    start.set()
    for client in clients:
        client.join(60)

    assert sorted(answers.get() for _ in clients) == ["held"] * 10 + ["refused"] * 6
    assert verify_ledger() == []
