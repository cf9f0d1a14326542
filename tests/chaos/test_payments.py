"""Workers die between an event's arrival and its credits: each payment is still granted exactly once."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

import db
from config import Settings, settings
from db.models import LedgerTransaction, Payment, PaymentEvent
from services import bootstrap, credits
from services.accounts.actor import Actor
from services.billing import webhook
from services.engine import client, records
from tests.fakes.stripe_server import StripeFake, running_stripe
from tests.support.job_pictures import shop_owner
from tests.support.job_workers import WorkerProgram, wait_until
from tests.support.payments import buy, with_stripe

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

PAYMENTS, COPIES, CLIENTS, KILLS = 12, 5, 8, 2


SOAK = pytest.mark.soak


@pytest.fixture
def stripe(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StripeFake]:
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    with running_stripe() as fake:
        with_stripe(Settings(database_url=url, data_dir=tmp_path / "data", _env_file=None), fake)  # type: ignore[call-arg]
        yield fake
        bootstrap.stop()


def receive(stripe: StripeFake, event: dict[str, object]) -> bool:
    body, headers = stripe.signed(event)
    return webhook.receive(body, headers["Stripe-Signature"]).first


def waiting() -> int:
    with db.snapshot() as session:
        return int(
            session.scalar(
                sa.select(sa.func.count()).select_from(PaymentEvent).where(col(PaymentEvent.applied_at).is_(None))
            )
            or 0
        )


def pending() -> list[str]:
    """Events that a worker has in hand."""
    table = records.workflow_table()
    with db.snapshot() as session:
        return list(
            session.scalars(
                sa.select(table.c.workflow_uuid).where(
                    table.c.queue_name == webhook.QUEUE.name, table.c.status == "PENDING"
                )
            )
        )


def assert_each_granted_once(owner: Actor, count: int) -> None:
    with db.snapshot() as session:
        grants = session.scalars(
            select(LedgerTransaction.payment_id).where(
                LedgerTransaction.kind == "grant", col(LedgerTransaction.payment_id).is_not(None)
            )
        ).all()
        states = Counter(session.scalars(select(Payment.status)).all())
    assert len(grants) == len(set(grants)) == count
    assert states == {"succeeded": count}
    assert credits.balance(owner).available == 13 + 50 * count
    assert credits.verify_ledger() == []


@pytest.mark.parametrize("stripe", ["postgresql", pytest.param("sqlite", marks=SOAK)], indirect=True)
def test_events_stored_while_workers_are_killed_are_each_applied_once(stripe: StripeFake) -> None:
    owner = shop_owner()
    client.client()
    for _ in range(KILLS):
        events = [stripe.pay(buy(owner, stripe, "pack_50")[1]) for _ in range(PAYMENTS // KILLS)]
        letters = events * COPIES
        random.shuffle(letters)
        worker = WorkerProgram(settings())
        try:
            worker.wait_until_alive()
            with ThreadPoolExecutor(CLIENTS) as pool:
                sending = pool.map(lambda event: receive(stripe, event), letters)
                wait_until(lambda: bool(pending()), 60, "an event to be in the worker's hands")
                time.sleep(random.uniform(0, 0.05))
                worker.kill()
                assert sum(sending) == len(events)
        finally:
            worker.end()
    last = WorkerProgram(settings())
    try:
        wait_until(lambda: waiting() == 0, 90, "all events to be applied")
    finally:
        last.end()
    assert_each_granted_once(owner, PAYMENTS)


@pytest.mark.parametrize("stripe", ["postgresql"], indirect=True)  # SQLite's one lock keeps the event from the worker
def test_a_worker_killed_with_an_event_in_hand_leaves_it_to_the_next(stripe: StripeFake) -> None:
    """The person's account is locked, so the worker waits inside its transaction, and dies there."""
    owner = shop_owner()
    event = stripe.pay(buy(owner, stripe, "pack_50")[1])
    worker = WorkerProgram(settings())
    try:
        worker.wait_until_alive()
        with db.transaction() as session:
            session.execute(sa.text("SELECT 1 FROM credit_accounts FOR UPDATE"))
            assert receive(stripe, event)
            wait_until(lambda: pending() == [event["id"]], 60, "the worker to take the event")
            wait_until(_someone_waits_for_a_lock, 60, "the worker to wait for the account")
            worker.kill()
        assert waiting() == 1
        worker = WorkerProgram(settings())
        wait_until(lambda: waiting() == 0, 90, "another worker to apply it")
    finally:
        worker.end()
    assert_each_granted_once(owner, 1)


def _someone_waits_for_a_lock() -> bool:
    with db.snapshot() as session:
        return bool(session.scalar(sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")))


@pytest.mark.parametrize("stripe", ["sqlite", pytest.param("postgresql", marks=SOAK)], indirect=True)
def test_an_event_that_came_while_no_worker_lived_is_applied_by_the_first_that_does(stripe: StripeFake) -> None:
    owner = shop_owner()
    event = stripe.pay(buy(owner, stripe, "pack_50")[1])
    assert receive(stripe, event)
    assert credits.balance(owner).available == 13
    worker = WorkerProgram(settings())
    try:
        wait_until(lambda: waiting() == 0, 90, "the event to be applied")
        assert not receive(stripe, event)
    finally:
        worker.end()
    assert_each_granted_once(owner, 1)
