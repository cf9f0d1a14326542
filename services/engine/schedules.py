"""What is done periodically for the whole installation, by whichever worker looks first."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from db.clock import now
from db.dialects import insert
from db.models.engine import Chore
from services.engine.wakeup import Listener

log = logging.getLogger(__name__)

_FIRST_LOOK_SECONDS = 15.0  # a worker that starts has jobs to see to first
_LONGEST_PAUSE_SECONDS = 60.0
_PAUSE_AFTER_FAULT_SECONDS = 5.0


@dataclass(frozen=True)
class Schedule:
    """`run` at most once in `every`, over all workers. After a failure again in `retry_after`, if that is sooner.

    With `woken_by` every worker runs it, besides, whenever that name is notified (services/engine/wakeup.py).

    A worker that dies or freezes in the middle leaves the next turn to another: `run` must bear being broken off, and
    running twice at once.
    """

    name: str
    every: timedelta
    run: Callable[[], object]
    retry_after: timedelta | None = None
    woken_by: str | None = None


class Timetable:
    """Runs the schedules of one worker, each in a thread of its own while it runs."""

    def __init__(self, schedules: Sequence[Schedule]) -> None:
        self._schedules = schedules
        self._running: dict[str, threading.Thread] = {}
        self._woken: list[threading.Event] = []

    def listen(self, listener: Listener) -> None:
        """Have the schedules that are woken by something run when it is notified. Before the listener starts."""
        for schedule in self._schedules:
            if schedule.woken_by is not None:
                woken = threading.Event()
                self._woken.append(woken)
                listener.on(schedule.woken_by, woken.set)
                name = f"{schedule.name}-woken"
                threading.Thread(target=_run_when_woken, args=(schedule, woken), name=name, daemon=True).start()

    def catch_up(self) -> None:
        """Run what is woken by something once, for what was notified before the listener started."""
        for woken in self._woken:
            woken.set()

    def keep(self, stop: threading.Event) -> None:
        """Start what is due, until told to stop."""
        pause = _FIRST_LOOK_SECONDS
        while not stop.wait(pause):
            try:
                pause = self._start_due()
            except Exception as error:  # noqa: BLE001  the database may be gone for a moment; the next look finds it
                log.warning("cannot look for scheduled work: %s", error)
                pause = _PAUSE_AFTER_FAULT_SECONDS

    def _start_due(self) -> float:
        """Start what is due now; seconds until something is due again."""
        begun = _begun([schedule.name for schedule in self._schedules])
        waits = [_LONGEST_PAUSE_SECONDS]
        for schedule in self._schedules:
            left = _due_in(schedule, begun.get(schedule.name))
            if left <= 0:
                self._start(schedule)
                left = schedule.every.total_seconds()
            waits.append(left)
        return max(0.05, min(waits))

    def _start(self, schedule: Schedule) -> None:
        running = self._running.get(schedule.name)
        if running is None or not running.is_alive():
            thread = threading.Thread(target=_run_logged, args=(schedule,), name=schedule.name, daemon=True)
            self._running[schedule.name] = thread
            thread.start()


def run_if_due(schedule: Schedule) -> bool:
    """Run it now, unless some process began to within its interval; whether it ran. Raises what `run` raises."""
    begun = now()
    with db.transaction() as session:
        if not _claim(session, schedule, begun):
            return False
    started = time.monotonic()
    try:
        schedule.run()
    except Exception:
        if schedule.retry_after is not None and schedule.retry_after < schedule.every:
            _move(schedule, begun, begun - schedule.every + schedule.retry_after)
        raise
    log.debug("%s took %.2f s", schedule.name, time.monotonic() - started)
    return True


def _run_logged(schedule: Schedule) -> None:
    try:
        run_if_due(schedule)
    except Exception as error:  # noqa: BLE001  a store or database may be gone for a while; there is a next time
        log.warning("%s failed: %s", schedule.name, error)


def _run_when_woken(schedule: Schedule, woken: threading.Event) -> None:
    while woken.wait():
        woken.clear()  # before it runs: what is notified meanwhile makes it run again
        try:
            schedule.run()
        except Exception as error:  # noqa: BLE001  the database may be gone for a moment; its turn comes again
            log.warning("%s failed: %s", schedule.name, error)


def _begun(names: Sequence[str]) -> dict[str, datetime]:
    with db.snapshot() as session:
        rows = session.execute(sa.select(col(Chore.name), col(Chore.begun_at)).where(col(Chore.name).in_(names))).all()
    return {row[0]: row[1] for row in rows}


def _due_in(schedule: Schedule, begun: datetime | None) -> float:
    return 0.0 if begun is None else (begun + schedule.every - now()).total_seconds()


def _claim(session: Session, schedule: Schedule, moment: datetime) -> bool:
    """Of all that try in the same interval, exactly one succeeds."""
    first = insert(session, Chore).values(name=schedule.name, begun_at=moment)
    statement = first.on_conflict_do_update(
        index_elements=["name"],
        set_={"begun_at": moment},
        where=col(Chore.begun_at) <= moment - schedule.every,
    ).returning(col(Chore.name))
    return session.execute(statement).first() is not None


def _move(schedule: Schedule, begun: datetime, to: datetime) -> None:
    with db.transaction() as session:
        session.execute(
            sa.update(Chore)
            .where(col(Chore.name) == schedule.name, col(Chore.begun_at) == begun)
            .values(begun_at=to)
            .execution_options(synchronize_session=False)
        )
