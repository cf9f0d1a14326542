"""Consumers of the log: exactly once each, in an order that skips nobody, replayable, and never stuck for ever."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlmodel import Session, col, select

import db
from config import Settings
from db import clock
from db.models import EventCursor, EventFailure, EventRow, SecurityEvent
from services import events
from services.errors import NotFound
from services.events.consumers import MAX_ATTEMPTS, Consumer, Recorded, consume, replay, skipped_events
from services.events.retention import KEPT, sweep


class Rang(events.Event):
    kind: ClassVar[str] = "test.rang"
    user_id: None = None
    times: int


class Ignored(events.Event):
    kind: ClassVar[str] = "test.ignored"
    user_id: None = None


def _ring(*times: int) -> None:
    for number in times:
        with db.transaction() as session:
            events.record(session, Rang(times=number))


def _listener(name: str = "listener", fails: Callable[[int], bool] = lambda _: False) -> Consumer:
    """Writes what it heard into a table of the database, as a real consumer does."""

    def handle(session: Session, recorded: Recorded) -> None:
        assert isinstance(recorded.event, Rang)
        session.add(SecurityEvent(kind=name, details={"times": recorded.event.times}))
        session.flush()
        if fails(recorded.event.times):
            raise ValueError("cannot hear this")

    return Consumer(name, (Rang,), handle)


def _heard(name: str = "listener") -> list[int]:
    with db.snapshot() as session:
        rows = session.scalars(
            select(SecurityEvent).where(SecurityEvent.kind == name).order_by(col(SecurityEvent.id))
        ).all()
    return [row.details["times"] for row in rows]


def test_an_event_is_handled_once_by_each_consumer(vitrine: Settings) -> None:
    _ring(1, 2)
    assert consume(_listener()) == 2
    _ring(3)
    assert [consume(_listener()), consume(_listener())] == [1, 0]
    assert consume(_listener("another")) == 3
    assert (_heard(), _heard("another")) == ([1, 2, 3], [1, 2, 3])


def test_an_event_goes_with_the_transaction_that_is_rolled_back(vitrine: Settings) -> None:
    with pytest.raises(RuntimeError), db.transaction() as session:
        events.record(session, Rang(times=1))
        raise RuntimeError
    assert consume(_listener()) == 0


def test_more_events_than_one_transaction_takes_are_all_handled(vitrine_sqlite: Settings) -> None:
    with db.transaction() as session:
        for number in range(250):
            events.record(session, Rang(times=number))
    assert consume(_listener()) == 250
    assert _heard() == list(range(250))


def test_two_workers_at_once_handle_each_event_once(vitrine: Settings) -> None:
    _ring(*range(40))
    threads = [threading.Thread(target=consume, args=(_listener(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert _heard() == list(range(40))


def test_an_event_that_commits_late_is_not_skipped(postgres_vitrine: Settings) -> None:
    with Session(db.engine()) as early, early.begin():
        events.record(early, Rang(times=1))
        _ring(2)  # began later, commits first
        assert consume(_listener()) == 0
    assert consume(_listener()) == 2
    assert _heard() == [1, 2]


def test_an_event_waits_for_an_older_transaction_only_as_long_as_it_lasts(postgres_vitrine: Settings) -> None:
    with Session(db.engine()) as early, early.begin():
        events.record(early, Rang(times=1))
        _ring(2)
        waiting = threading.Thread(target=consume, args=(_listener(), 30.0))
        waiting.start()
    waiting.join(timeout=20)
    assert _heard() == [1, 2]


def test_kinds_that_a_consumer_does_not_read_pass_it_by(vitrine_sqlite: Settings) -> None:
    with db.transaction() as session:
        events.record(session, Ignored())
    _ring(1)
    assert consume(_listener()) == 2
    assert _heard() == [1]


def test_a_replay_reads_again_from_a_moment_on(vitrine: Settings) -> None:
    _ring(1)
    clock.travel(timedelta(hours=1))
    since = db.now()
    _ring(2, 3)
    consume(_listener())
    replay("listener", since)
    assert consume(_listener()) == 2
    assert _heard() == [1, 2, 3, 2, 3]
    replay("listener")
    assert consume(_listener()) == 3
    replay("listener", db.now() + timedelta(hours=1))
    assert consume(_listener()) == 0


def test_a_replay_leaves_out_nothing_that_was_not_read_yet(vitrine_sqlite: Settings) -> None:
    _ring(1)
    consume(_listener())
    _ring(2)
    clock.travel(timedelta(hours=1))
    since = db.now()
    _ring(3)
    replay("listener", since)
    assert consume(_listener()) == 2
    assert _heard() == [1, 2, 3]


def test_a_replay_resets_the_attempts_of_what_it_reads_again_and_keeps_older_failures(vitrine: Settings) -> None:
    _ring(1)
    clock.travel(timedelta(hours=1))
    since = db.now()
    _ring(2)
    for _ in range(2 * MAX_ATTEMPTS):
        consume(_listener(fails=lambda _: True))
    consume(other := _listener("other", fails=lambda _: True))
    assert skipped_events() == 2
    replay("listener", since)
    assert skipped_events() == 1
    assert consume(_listener()) == 1
    assert (_heard(), skipped_events()) == ([2], 1)
    replay("listener")
    assert skipped_events() == 0
    assert consume(_listener()) == 2
    with db.snapshot() as session:
        assert [failure.consumer for failure in session.scalars(select(EventFailure))] == [other.name]


def test_a_replay_for_a_name_that_never_read_is_refused_and_makes_no_cursor(vitrine_sqlite: Settings) -> None:
    _ring(1)
    consume(_listener())
    for _ in range(2):
        with pytest.raises(NotFound, match=r"No consumer named 'lisener' has read events\. There are: listener\."):
            replay("lisener")


def test_an_event_that_cannot_be_handled_is_given_up_after_some_tries_and_shown(vitrine: Settings) -> None:
    poisoned = _listener(fails=lambda times: times == 2)
    _ring(1, 2, 3)
    assert [consume(poisoned) for _ in range(MAX_ATTEMPTS)] == [1, *[0] * (MAX_ATTEMPTS - 2), 2]
    assert _heard() == [1, 3]
    with db.snapshot() as session:
        failure = session.scalars(select(EventFailure)).one()
    assert (failure.consumer, failure.attempts, failure.error) == (
        "listener",
        MAX_ATTEMPTS,
        "ValueError: cannot hear this",
    )
    assert failure.skipped_at is not None
    assert skipped_events() == 1


def test_an_event_that_is_handled_at_a_later_try_leaves_no_failure(vitrine_sqlite: Settings) -> None:
    _ring(1)
    consume(_listener(fails=lambda _: True))
    assert consume(_listener()) == 1
    assert skipped_events() == 0
    with db.snapshot() as session:
        assert session.scalars(select(EventFailure)).all() == []


def test_an_event_of_a_later_release_is_given_up_like_any_other(vitrine_sqlite: Settings) -> None:
    _ring(1)
    with db.transaction() as session:
        session.scalars(select(EventRow)).one().version = 2
    for _ in range(MAX_ATTEMPTS):
        consume(_listener())
    assert skipped_events() == 1
    assert _heard() == []


def test_old_events_go_once_every_consumer_has_passed_them(vitrine: Settings) -> None:
    _ring(1)
    consume(_listener("fast"))
    consume(_listener("slow"))
    _ring(2)
    consume(_listener("fast"))
    clock.travel(KEPT + timedelta(days=1))
    _ring(3)
    consume(_listener("fast"))
    assert sweep() == 1
    consume(_listener("slow"))
    assert sweep() == 1
    assert (_heard("slow"), sweep()) == ([1, 2, 3], 0)


def test_positions_are_not_given_twice(vitrine_sqlite: Settings) -> None:
    _ring(1)
    consume(_listener())
    clock.travel(KEPT + timedelta(days=1))
    assert sweep() == 1
    _ring(2)
    consume(_listener())
    assert _heard() == [1, 2]
    with db.snapshot() as session:
        assert session.scalars(select(EventCursor.position)).one() == 2  # type: ignore[call-overload]
