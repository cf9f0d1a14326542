"""The queue as staff and meters see it."""

import os
from datetime import timedelta

from pydantic import SecretStr

import config
import db
from config import Settings
from db import clock
from db.models.engine import Worker
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.engine import workers
from services.jobs import cancellation, queue_state, reading, settlement, submission
from services.studio.providers.gemini import GeminiSettings
from tests.support.job_pictures import FREE, picture
from tests.support.job_workers import InlineWorker


def test_an_empty_queue_has_a_zero_for_every_status_and_no_age(vitrine: Settings) -> None:
    state = queue_state.queue_state()
    assert state.counts == {"queued": 0, "running": 0, "succeeded": 0, "failed": 0, "cancelled": 0}
    assert (state.oldest_waiting_seconds, state.workers) == (None, ())
    assert state.seconds_per_job > 0


def test_jobs_are_counted_by_status_and_the_longest_wait_is_told(owner: Actor, worker: InlineWorker) -> None:
    photo = picture(owner)
    done, cancelled, running = (submission.submit(owner, FREE, photo).id for _ in range(3))
    assert worker.run(done)
    cancellation.cancel_job(owner, cancelled)
    with db.transaction() as session:
        settlement.begin(session, running, 1, "wrk_1")
    submission.submit_many(owner, FREE, [photo, photo])
    clock.travel(timedelta(seconds=90))
    submission.submit(owner, FREE, photo)

    state = queue_state.queue_state()
    assert state.counts == {"queued": 3, "running": 1, "succeeded": 1, "failed": 0, "cancelled": 1}
    assert sum(state.counts.values()) == len(reading.list_jobs(owner).items)
    assert state.oldest_waiting_seconds is not None
    assert 90 <= state.oldest_waiting_seconds < 150
    view = reading.get_job(owner, done)
    assert view.status == JobStatus.SUCCEEDED and view.started_at is not None and view.finished_at is not None
    assert state.seconds_per_job == (view.finished_at - view.started_at).total_seconds()


def test_jobs_that_ask_a_provider_stand_in_a_line_of_their_own(owner: Actor, vitrine: Settings) -> None:
    own = {"providers": (GeminiSettings(api_key=SecretStr("a-key")),), "worker_provider_concurrency": 2}
    config.configure(vitrine.model_copy(update=own))
    workers.beat("wrk_a", hostname="shop", pid=os.getpid(), concurrency=1, running=0, draining=False)
    photo = picture(owner)
    restyles = [submission.submit(owner, {"steps": [{"op": "restyle"}]}, photo) for _ in range(3)]
    mixed = submission.submit(owner, {"steps": [{"op": "rotate"}, {"op": "restyle"}]}, photo)
    frees = submission.submit_many(owner, FREE, [photo, photo])
    assert [job.queue_position for job in (*restyles, mixed)] == [1, 2, 3, 4]
    assert [job.queue_position for job in frees] == [1, 2]
    listed = {job.id: job for job in reading.list_jobs(owner).items}
    assert [listed[job.id].queue_position for job in (*restyles, mixed, *frees)] == [1, 2, 3, 4, 1, 2]

    def estimates() -> list[float | None]:
        return [reading.get_job(owner, job.id).eta_seconds for job in (*restyles, mixed, *frees)]

    assert estimates() == [10.0, 10.0, 20.0, 20.0, 3.0, 6.0]
    _done_in(owner, photo, FREE, 1.0)
    _done_in(owner, photo, {"steps": [{"op": "restyle"}]}, 12.0)
    assert estimates() == [12.0, 12.0, 24.0, 24.0, 1.0, 2.0]
    assert queue_state.queue_state().seconds_per_job == 6.5


def _done_in(owner: Actor, photo: str, recipe: object, seconds: float) -> None:
    job_id = submission.submit(owner, recipe, photo).id
    with db.transaction() as session:
        job = session.get_one(Job, job_id)
        job.status, job.started_at = JobStatus.SUCCEEDED, clock.now()
        job.finished_at = job.started_at + timedelta(seconds=seconds)


def test_workers_are_shown_as_they_last_said_and_not_alive_once_they_are_silent(vitrine: Settings) -> None:
    for name, busy, draining in (("wrk_a", 2, False), ("wrk_b", 0, True)):
        workers.beat(name, hostname="shop", pid=os.getpid(), concurrency=2, running=busy, draining=draining)
    with db.transaction() as session:
        silent = session.get_one(Worker, "wrk_b")
        silent.seen_at -= timedelta(seconds=vitrine.worker_dead_after_seconds + 60)

    shown = {one.id: (one.running, one.draining, one.alive) for one in queue_state.queue_state().workers}
    assert shown == {"wrk_a": (2, False, True), "wrk_b": (0, True, False)}
    assert workers.any_alive()
    workers.leave("wrk_a")
    assert not workers.any_alive()
