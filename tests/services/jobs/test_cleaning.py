"""The daily cleaning: by one worker, once a day, never what is still wanted."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import structlog

from config import Settings
from db import clock, now
from services.accounts.actor import Actor
from services.jobs import cleaning, worker_process
from services.jobs.cleaning import Cleaned, clean_if_due
from services.jobs.worker_process import WorkerProcess
from services.library import assets, results, storage
from services.library.results import PreparedPicture
from services.library.storage.contract import StorageUnavailable
from tests.services.library.conftest import drawn, encoded
from tests.support.job_workers import wait_until

pytestmark = pytest.mark.usefixtures("vitrine")
DAY = timedelta(days=1, seconds=1)


def _left_behind() -> PreparedPicture:
    """The files of a picture whose worker died before writing its row."""
    return results.prepare_result(encoded(drawn((300, 200))), "mug.jpg")


def _stored_a_day_ago(vitrine: Settings) -> None:
    """What is in the store now."""
    yesterday = time.time() - DAY.total_seconds()
    for path in vitrine.data_dir.rglob("*.*"):
        os.utime(path, (yesterday, yesterday))


def test_it_is_done_once_a_day_and_leaves_what_is_new(owner: Actor, vitrine: Settings) -> None:
    old = _left_behind()
    storage.current().put("branding/logo.png", b"no picture", "image/png")
    _stored_a_day_ago(vitrine)
    new = _left_behind()

    assert clean_if_due() == Cleaned(0, 0, 3)

    found = [storage.current().exists(key) for key in (old.storage_key, new.storage_key, "branding/logo.png")]
    assert found == [False, True, True]
    clock.travel(timedelta(hours=23))
    assert clean_if_due() is None
    clock.travel(DAY)
    assert clean_if_due() is not None


def test_trash_goes_after_thirty_days_and_the_lapsed_with_it(owner: Actor) -> None:
    kept, thrown = (assets.upload(owner, encoded(drawn((size, 200))), "mug.jpg") for size in (300, 310))
    assets.trash_asset(owner, thrown.id)
    clock.travel(timedelta(days=31))
    cleaned = clean_if_due()
    assert cleaned is not None and cleaned.pictures == 1
    assert assets.content(owner, kept.id).data


def test_of_many_workers_that_look_at_once_one_cleans(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = threading.Barrier(4)
    snapshot = cleaning.snapshot

    def together():  # type: ignore[no-untyped-def]
        at_once.wait(30)
        return snapshot()

    monkeypatch.setattr(cleaning, "snapshot", together)
    with ThreadPoolExecutor(4) as workers:
        done = [future.result() for future in [workers.submit(clean_if_due) for _ in range(4)]]
    assert [each for each in done if each] == [Cleaned(0, 0, 0)]


def test_a_cleaning_that_failed_is_tried_again_in_an_hour(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise StorageUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(cleaning.leftovers, "sweep_leftovers", away)
        with pytest.raises(StorageUnavailable):
            clean_if_due()
    assert clean_if_due() is None
    clock.travel(timedelta(hours=1, seconds=1))
    assert clean_if_due() == Cleaned(0, 0, 0)


def test_a_worker_looks_by_itself_and_outlives_a_failure(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_process, "_LOOK_FOR_CLEANING_SECONDS", 0.02)
    old = _left_behind()
    clock.travel(DAY)
    worker = WorkerProcess()
    really, looks = cleaning.clean_if_due, []

    def fails_first() -> Cleaned | None:
        looks.append(now())
        if len(looks) == 1:
            raise OSError("no route to the store")
        return really()

    monkeypatch.setattr(cleaning, "clean_if_due", fails_first)
    with structlog.testing.capture_logs():
        tending = threading.Thread(target=worker._keep_clean)
        tending.start()
        wait_until(lambda: not storage.current().exists(old.storage_key), 30, "the file to go")
        worker._stop.set()
        tending.join(30)
    assert not tending.is_alive()
