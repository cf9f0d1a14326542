"""The daily cleaning: never what is still wanted, whatever happens on the way."""

import os
import time
from datetime import timedelta

import pytest

from config import Settings
from db import clock
from services.accounts.actor import Actor
from services.engine.schedules import Schedule, run_if_due
from services.jobs import cleaning, tasks
from services.jobs.cleaning import Cleaned, clean
from services.library import assets, results, storage
from services.library.results import PreparedPicture
from services.library.storage.contract import StorageUnavailable
from tests.services.library.conftest import drawn, encoded

pytestmark = pytest.mark.usefixtures("vitrine")
DAY = timedelta(days=1, seconds=1)


def schedule() -> Schedule:
    return next(each for each in tasks.SCHEDULES if each.name == "cleaning")


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

    assert run_if_due(schedule())

    found = [storage.current().exists(key) for key in (old.storage_key, new.storage_key, "branding/logo.png")]
    assert found == [False, True, True]
    clock.travel(timedelta(hours=23))
    assert not run_if_due(schedule())
    clock.travel(DAY)
    assert run_if_due(schedule())


def test_it_says_what_it_removed(owner: Actor, vitrine: Settings) -> None:
    _left_behind()
    _stored_a_day_ago(vitrine)
    assert clean() == Cleaned(0, 0, 3)


def test_trash_goes_after_thirty_days_and_the_lapsed_with_it(owner: Actor) -> None:
    kept, thrown = (assets.upload(owner, encoded(drawn((size, 200))), "mug.jpg") for size in (300, 310))
    assets.trash_asset(owner, thrown.id)
    clock.travel(timedelta(days=31))
    assert clean().pictures == 1
    assert assets.content(owner, kept.id).data


def test_a_cleaning_that_failed_is_retried_in_an_hour(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> int:
        raise StorageUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(cleaning.leftovers, "sweep_leftovers", away)
        with pytest.raises(StorageUnavailable):
            run_if_due(schedule())
    assert not run_if_due(schedule())
    clock.travel(timedelta(hours=1, seconds=1))
    assert run_if_due(schedule())
