"""Bytes that no picture names are removed, and never any others."""

from datetime import timedelta

import pytest

import db
from config import Settings
from db import clock
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.library import assets, leftovers, results, storage
from services.library.results import PreparedPicture
from tests.services.library.conftest import drawn, encoded


def left_behind() -> PreparedPicture:
    """What a worker leaves that is killed between storing a result and writing it down."""
    return results.prepare_result(encoded(drawn((300, 200))), "mug.jpg")


def is_there(picture: PreparedPicture) -> list[bool]:
    store = storage.current()
    return [store.exists(key) for key in (picture.storage_key, picture.thumb_key, picture.preview_key)]


def test_files_without_a_picture_go_after_a_day_and_pictures_stay(owner: Actor) -> None:
    kept = assets.upload(owner, encoded(drawn()), "kept.jpg")
    orphan = left_behind()
    storage.current().put("branding/logo.png", b"not a picture of the library", "image/png")

    assert leftovers.sweep_leftovers() == 0
    clock.travel(timedelta(hours=25))
    assert leftovers.sweep_leftovers() == 3

    assert is_there(orphan) == [False] * 3
    assert storage.current().exists("branding/logo.png")
    for variant in ("original", "thumb", "preview"):
        assert assets.content(owner, kept.id, variant).data
    assert leftovers.sweep_leftovers() == 0


def test_of_the_same_bytes_stored_twice_only_the_unused_copy_is_removed(sqlite_owner: Actor) -> None:
    kept, orphan = left_behind(), left_behind()
    with db.transaction() as session:
        results.add_result(
            session, kept, user_id=sqlite_owner.id, job_id=None, parent_id=None, operations="crop", details={}
        )
    clock.travel(timedelta(hours=25))
    assert leftovers.sweep_leftovers() == 3
    assert (is_there(kept), is_there(orphan)) == ([True] * 3, [False] * 3)


def test_a_result_that_a_running_job_has_yet_to_write_down_stays(sqlite_owner: Actor) -> None:
    job = Job(
        user_id=sqlite_owner.id,
        priority=1,
        recipe={},
        input_asset_id="ast_1",
        status=JobStatus.RUNNING,
        started_at=clock.now(),
    )
    with db.transaction() as session:
        session.add(job)
    waiting = left_behind()
    clock.travel(timedelta(hours=60))
    assert leftovers.sweep_leftovers() == 0
    assert is_there(waiting) == [True] * 3

    with db.transaction() as session:
        session.get_one(Job, job.id).status = JobStatus.FAILED
    assert leftovers.sweep_leftovers() == 3


def test_more_files_than_one_look_takes_are_all_seen(vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_BATCH", 2)
    left_behind()
    left_behind()
    clock.travel(timedelta(hours=25))
    assert leftovers.sweep_leftovers() == 6
