"""The inbox: notices made from events, each event's once, and told in words."""

import pytest

import db
from config import Settings
from services import events
from services.accounts.actor import Actor
from services.accounts.registration import create_user
from services.batches.event_types import BatchCompleted
from services.billing.event_types import (
    PaymentCompleted,
    PaymentDisputed,
    PaymentFailed,
    PaymentRefunded,
    PaymentRestored,
)
from services.credits.event_types import CreditsLow
from services.events.consumers import consume, replay
from services.jobs.event_types import JobCompleted, JobFailed
from services.notifications import inbox
from services.notifications.consumer import INBOX
from services.notifications.words import READ, notice_of

USER, BATCH, JOB, PAYMENT = (
    {"user_id": "usr_1"},
    {"user_id": "usr_1", "batch_id": "bat_1", "status": "completed"},
    {"user_id": "usr_1", "job_id": "job_1", "origin_kind": "api"},
    {"payment_id": "pay_1"},
)


@pytest.fixture
def anna(vitrine: Settings) -> Actor:
    return create_user("anna@example.com", "correct horse battery")


def _completed(owner: Actor, number: int) -> events.Event:
    return JobCompleted(user_id=owner.id, job_id=f"job_{number}", origin_kind="api", is_charged=True, credits_charged=1)


def test_events_become_notices_newest_first(anna: Actor) -> None:
    with db.transaction() as session:
        events.record(session, _completed(anna, 1))
        events.record(session, CreditsLow(user_id=anna.id, available=2))
    consume(INBOX)
    listed = inbox.list_notifications(anna)
    assert [(notice.kind, notice.job_id) for notice in listed.items] == [
        ("credits.low", None),
        ("job.completed", "job_1"),
    ]
    assert listed.unread == 2


def test_a_replay_makes_no_second_notice_and_leaves_read_ones_read(anna: Actor) -> None:
    with db.transaction() as session:
        events.record(session, _completed(anna, 1))
    consume(INBOX)
    inbox.mark_read(anna)
    replay(INBOX.name)
    assert consume(INBOX) == 2  # the registration, too, which makes no notice
    listed = inbox.list_notifications(anna)
    assert (len(listed.items), listed.unread) == (1, 0)


def test_the_jobs_of_a_batch_make_no_notices_of_their_own(anna: Actor) -> None:
    ended = _completed(anna, 1).model_copy(update={"origin_id": "bat_1"})
    assert notice_of(ended) is None
    assert notice_of(ended.model_copy(update={"origin_id": "prd_1"})) is not None


@pytest.mark.parametrize(
    ("event", "kind", "message"),
    [
        (
            JobCompleted(**JOB, is_charged=True, credits_charged=1),
            "job.completed",
            "Your picture is ready.",
        ),
        (
            JobCompleted(**JOB, is_charged=False, credits_charged=0),
            "job.completed",
            "Your picture is ready. We are not sure it is good enough, so it was not charged.",
        ),
        (
            JobFailed(**JOB, code="x", message="This file is damaged.", retryable=False),
            "job.failed",
            "A picture could not be made: This file is damaged.",
        ),
        (
            BatchCompleted(**BATCH, made=497, doubtful=3, failed=2, cancelled=1, credits_charged=494),
            "batch.completed",
            "Your batch has ended: 497 pictures are ready, 3 of them doubtful and not charged; 2 could not be made; "
            "1 was cancelled.",
        ),
        (
            BatchCompleted(**BATCH, made=1, doubtful=0, failed=0, cancelled=0, credits_charged=1),
            "batch.completed",
            "Your batch has ended: 1 picture is ready.",
        ),
        (
            BatchCompleted(**BATCH, made=1, doubtful=1, failed=0, cancelled=2, credits_charged=0),
            "batch.completed",
            "Your batch has ended: 1 picture is ready, doubtful and not charged; 2 were cancelled.",
        ),
        (
            CreditsLow(**USER, available=1),
            "credits.low",
            "You have 1 credit left. Buy credits to keep going, or wait for tomorrow's free ones.",
        ),
        (
            CreditsLow(**USER, available=0),
            "credits.low",
            "You have no credits left. Buy credits to keep going, or wait for tomorrow's free ones.",
        ),
        (
            PaymentCompleted(**USER, **PAYMENT, credits=200, amount=1499, currency="usd"),
            "payment.succeeded",
            "Thank you: 200 credits for $14.99 are here.",
        ),
        (
            PaymentFailed(**USER, **PAYMENT, reason="The bank did not carry out the payment."),
            "payment.failed",
            "The bank did not carry out the payment. Nothing was charged, and no credits were added.",
        ),
        (
            PaymentRefunded(**USER, **PAYMENT, amount=500, currency="usd", credits=67),
            "payment.refunded",
            "$5.00 went back to you, and 67 credits were taken back.",
        ),
        (
            PaymentRefunded(**USER, **PAYMENT, amount=8, currency="usd", credits=1),
            "payment.refunded",
            "$0.08 went back to you, and 1 credit was taken back.",
        ),
        (
            PaymentDisputed(**USER, **PAYMENT, amount=1499, currency="usd", credits=200, is_final=False),
            "payment.disputed",
            "Your bank disputes a payment of $14.99, and 200 credits were taken back until that is settled.",
        ),
        (
            PaymentRestored(**USER, **PAYMENT, credits=200),
            "payment.restored",
            "The dispute is settled: 200 credits are back in your account.",
        ),
        (
            PaymentRestored(**USER, **PAYMENT, credits=1),
            "payment.restored",
            "The dispute is settled: 1 credit is back in your account.",
        ),
    ],
    ids=lambda each: each.kind if isinstance(each, events.Event) else None,
)
def test_a_notice_says_what_happened(event: events.Event, kind: str, message: str) -> None:
    notice = notice_of(event)
    assert notice is not None
    assert (notice.kind, notice.message) == (kind, message)
    assert type(event) in READ
