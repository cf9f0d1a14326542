"""Periodic work: by one worker of many, no more often than it should be, again after a failure."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from config import Settings
from db import clock, now
from services.engine import schedules
from services.engine.schedules import Schedule, Timetable, run_if_due
from tests.support.job_workers import wait_until

DAY = timedelta(days=1)


class Work:
    """Counts its runs; fails as long as it is told to."""

    def __init__(self, failing: int = 0) -> None:
        self.runs: list[datetime] = []
        self._failing = failing

    def __call__(self) -> None:
        self.runs.append(now())
        if len(self.runs) <= self._failing:
            raise OSError("no route to the store")


def test_it_runs_once_in_its_interval(vitrine: Settings) -> None:
    schedule = Schedule("work", DAY, Work())
    assert run_if_due(schedule)
    clock.travel(timedelta(hours=23))
    assert not run_if_due(schedule)
    clock.travel(DAY + timedelta(seconds=1))
    assert run_if_due(schedule)


def test_of_many_workers_that_look_at_once_one_runs_it(vitrine: Settings) -> None:
    work = Work()
    schedule = Schedule("work", DAY, work)
    for _ in range(2):
        at_once = threading.Barrier(4)

        def together(ready: threading.Barrier = at_once) -> bool:
            ready.wait(30)
            return run_if_due(schedule)

        with ThreadPoolExecutor(4) as workers:
            assert sum(future.result() for future in [workers.submit(together) for _ in range(4)]) == 1
        clock.travel(DAY + timedelta(seconds=1))
    assert len(work.runs) == 2


def test_one_that_failed_is_retried_sooner(vitrine: Settings) -> None:
    schedule = Schedule("work", DAY, Work(failing=1), retry_after=timedelta(hours=1))
    with pytest.raises(OSError, match="no route"):
        run_if_due(schedule)
    assert not run_if_due(schedule)
    clock.travel(timedelta(hours=1, seconds=1))
    assert run_if_due(schedule)


def test_a_worker_looks_by_itself_and_outlives_a_failure(
    vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedules, "_FIRST_LOOK_SECONDS", 0.0)
    work, slow = Work(failing=1), threading.Event()
    timetable = Timetable(
        [
            Schedule("fails", timedelta(milliseconds=100), work),
            Schedule("takes long", timedelta(milliseconds=100), lambda: slow.wait(30)),
        ]
    )
    stop = threading.Event()
    keeping = threading.Thread(target=timetable.keep, args=(stop,))
    keeping.start()
    wait_until(lambda: len(work.runs) >= 3, 30, "the work to be done again while another takes long")
    stop.set()
    slow.set()
    keeping.join(30)
    assert not keeping.is_alive()
