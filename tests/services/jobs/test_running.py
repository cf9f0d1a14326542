"""What becomes of a job, for each way it can go: by the worker's own code."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

import db
from config import Settings
from db.models.jobs import JobStatus
from services import credits
from services.accounts.actor import Actor
from services.engine import records
from services.errors import ServiceError
from services.jobs import cancellation, reading, settlement, submission
from services.jobs.event_types import JobCompleted
from services.jobs.run import faults, running
from services.jobs.settlement import Failure, Outcome, Start
from services.jobs.views import JobView
from services.library import assets
from services.library.storage import StorageUnavailable
from services.studio import pipeline
from services.studio.comparison import stored_comparison
from tests.support.event_log import kinds, recorded
from tests.support.job_pictures import PRESET, TINY_ENHANCE, picture
from tests.support.job_workers import InlineWorker


def outcome_of(owner: Actor, worker: InlineWorker, recipe: object, photo: str, retries: int = 1) -> JobView:
    """Submit, run, look."""
    job = submission.submit(owner, recipe, photo)
    worker.run_all(retries)
    assert credits.verify_ledger() == []
    return reading.get_job(owner, job.id)


def balance(owner: Actor) -> tuple[int, int]:
    found = credits.balance(owner)
    return found.available, found.held


def test_a_good_result_is_charged_kept_and_announced(owner: Actor, worker: InlineWorker) -> None:
    photo = picture(owner, side=400)
    job = outcome_of(owner, worker, PRESET, photo)
    assert (job.status, job.progress, job.error, job.credits_charged) == (JobStatus.SUCCEEDED, 1.0, None, 1)
    assert job.quality is not None and job.quality.confidence is not None and job.quality.confidence > 0.5
    assert all(check.passed for check in job.quality.checks)
    assert job.started_at is not None and job.finished_at is not None and job.attempts == 1
    result = assets.get_asset(owner, job.result_asset_ids[0])
    assert (result.width, result.height, result.content_type) == (2000, 2000, "image/jpeg")
    assert (result.parent_id, result.job_id) == (photo, job.id)
    rules = result.details["marketplace"]["rules"]
    assert result.details["marketplace"]["preset"] == "amazon_main"
    assert {rule["rule"]: rule["passed"] for rule in rules}["background"] is True
    assert result.details["stages"][0]["name"] == "read"
    assert result.details["cut_out_by"] == "built-in"
    known = stored_comparison(result.details)
    assert known.registration is not None and 4 <= len(known.edges) <= 6
    assert balance(owner) == (12, 0)
    assert recorded("job.completed") == [
        JobCompleted(user_id=owner.id, job_id=job.id, origin_kind="api", is_charged=True, credits_charged=1)
    ]


def test_a_result_that_changes_nothing_fails_and_costs_nothing(owner: Actor, worker: InlineWorker) -> None:
    recipe = {
        "steps": [{"op": "adjust", "params": {"brightness": 0.001}}, {"op": "enhance", "params": {"strength": 0}}]
    }
    job = outcome_of(owner, worker, recipe, picture(owner), retries=3)
    assert job.status == JobStatus.FAILED
    assert job.error is not None and (job.error.code, job.error.retryable) == ("low_quality", False)
    assert (job.result_asset_ids, job.credits_charged, job.attempts) == ((), 0, 1)
    assert balance(owner) == (13, 0)
    assert kinds(of=owner)[1:] == ["job.failed"]


def test_a_doubtful_cut_out_is_shown_with_its_doubt_and_not_charged(
    owner: Actor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "CONFIDENCE_THRESHOLD", 1.01)  # nobody is that sure
    job = outcome_of(owner, worker, {"steps": [{"op": "remove_background"}]}, picture(owner, side=200))
    assert (job.status, job.credits_charged, len(job.result_asset_ids)) == (JobStatus.SUCCEEDED, 0, 1)
    assert job.quality is not None
    assert [check.name for check in job.quality.checks if not check.passed] == ["cutout_confidence"]
    assert balance(owner) == (13, 0)
    assert [event.payload()["is_charged"] for event in recorded("job.completed")] == [False]


def test_a_picture_thrown_away_while_the_job_waits_fails_it_with_a_plain_reason(
    owner: Actor, worker: InlineWorker
) -> None:
    photo = picture(owner)
    job = submission.submit(owner, PRESET, photo)
    assets.trash_asset(owner, photo)
    worker.run_all(retries=3)
    failed = reading.get_job(owner, job.id)
    assert failed.error is not None and failed.error.code == "not_found"
    assert "deleted" in failed.error.message and failed.attempts == 1
    assert balance(owner) == (13, 0)


class Faulty:
    """Rendering that fails some times in some way before the real one is let through."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)

    def __call__(self, start: Start, tracked, slot) -> Outcome:  # type: ignore[no-untyped-def]
        from services.jobs.run.rendering import render

        if self.errors:
            raise self.errors.pop(0)
        return render(start, tracked, slot)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Back-off without the waiting; the list of what would have been waited."""
    waited: list[float] = []
    monkeypatch.setattr(running, "pause", lambda seconds, _tracked: waited.append(seconds))
    return waited


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (StorageUnavailable(), "storage_unavailable", True),
        (OSError("disk"), "unavailable", True),
    ],
)
def test_transient_faults_are_tried_again_with_growing_pauses_and_then_explained(
    owner_sqlite: Actor, no_waiting: list[float], error: Exception, code: str, retryable: bool
) -> None:
    worker = InlineWorker(Faulty(*[error] * 4))
    job = outcome_of(owner_sqlite, worker, TINY_ENHANCE, picture(owner_sqlite), retries=3)
    assert job.error is not None and (job.error.code, job.error.retryable) == (code, retryable)
    assert (job.attempts, len(no_waiting)) == (4, 3)
    assert no_waiting[0] < no_waiting[1] < no_waiting[2]
    assert balance(owner_sqlite) == (13, 0)


def test_a_transient_fault_that_passes_is_not_seen_by_the_owner(owner_sqlite: Actor, no_waiting: list[float]) -> None:
    worker = InlineWorker(Faulty(StorageUnavailable()))
    job = outcome_of(owner_sqlite, worker, TINY_ENHANCE, picture(owner_sqlite), retries=1)
    assert (job.status, job.attempts, job.credits_charged) == (JobStatus.SUCCEEDED, 2, 1)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ServiceError("No."), "internal"),
        (ValueError("a bug"), "internal"),
        (MemoryError(), "too_large"),
    ],
)
def test_other_faults_are_never_tried_again(
    owner_sqlite: Actor, no_waiting: list[float], error: Exception, code: str
) -> None:
    worker = InlineWorker(Faulty(error))
    job = outcome_of(owner_sqlite, worker, TINY_ENHANCE, picture(owner_sqlite), retries=3)
    assert job.error is not None and job.error.code == code
    assert "bug" not in job.error.message
    assert (job.attempts, no_waiting) == (1, [])
    assert balance(owner_sqlite) == (13, 0)


def test_storage_that_is_gone_for_a_moment_loses_nothing(
    owner_sqlite: Actor, worker: InlineWorker, vitrine_sqlite: Settings
) -> None:
    photo = picture(owner_sqlite)
    job = submission.submit(owner_sqlite, TINY_ENHANCE, photo)
    folder = vitrine_sqlite.data_dir / "storage"
    away = Path(f"{folder}-away")
    folder.rename(away)
    folder.write_text("in the way")  # even root cannot write into a file

    def bring_back() -> None:
        folder.unlink()
        away.rename(folder)

    threading.Timer(1.5, bring_back).start()
    worker.run_all(retries=1)
    done = reading.get_job(owner_sqlite, job.id)
    assert (done.status, done.credits_charged) == (JobStatus.SUCCEEDED, 1)
    assert done.attempts == 2


def test_a_job_cancelled_while_it_runs_stops_and_stays_cancelled(owner: Actor) -> None:
    job = submission.submit(owner, TINY_ENHANCE, picture(owner))

    def cancel_in_the_middle(start: Start, tracked, slot) -> Outcome:  # type: ignore[no-untyped-def]
        from services.jobs.run.rendering import render

        outcome = render(start, tracked, slot)
        cancellation.cancel_job(owner, start.job_id)
        return outcome

    assert not InlineWorker(cancel_in_the_middle).run(job.id)
    after = reading.get_job(owner, job.id)
    assert (after.status, after.result_asset_ids, after.credits_charged) == (JobStatus.CANCELLED, (), 0)
    assert balance(owner) == (13, 0)


def test_the_pixels_stop_soon_after_a_cancellation(owner_sqlite: Actor) -> None:
    job = submission.submit(owner_sqlite, TINY_ENHANCE, picture(owner_sqlite))
    noticed = threading.Event()

    def long_work(start: Start, tracked, slot) -> Outcome:  # type: ignore[no-untyped-def]
        from services.studio.rendered import Cancelled

        cancellation.cancel_job(owner_sqlite, start.job_id)
        for _ in range(300):
            if tracked.cancelled():
                noticed.set()
                raise Cancelled
            threading.Event().wait(0.02)
        raise AssertionError("nobody told it to stop")

    assert not InlineWorker(long_work).run(job.id)
    assert noticed.is_set()


def test_progress_reaches_the_job_while_it_runs(owner_sqlite: Actor) -> None:
    job = submission.submit(owner_sqlite, TINY_ENHANCE, picture(owner_sqlite))
    seen: list[JobView] = []

    def slow(start: Start, tracked, slot) -> Outcome:  # type: ignore[no-untyped-def]
        tracked.report("Enhancing", 0.4)
        for _ in range(200):
            view = reading.get_job(owner_sqlite, start.job_id)
            if view.progress == 0.4:
                seen.append(view)
                break
            threading.Event().wait(0.02)
        return Outcome(attempt=start.attempt, failure=Failure("internal", "Enough.", False))

    InlineWorker(slow).run(job.id)
    assert [(view.status, view.stage, view.progress) for view in seen] == [(JobStatus.RUNNING, "Enhancing", 0.4)]
    assert seen[0].eta_seconds is not None and seen[0].queue_position is None


def test_of_two_starts_of_one_run_only_the_later_can_end_it(owner: Actor) -> None:
    job = submission.submit(owner, TINY_ENHANCE, picture(owner))
    with db.transaction() as session:
        frozen = settlement.begin(session, job.id, 1, "frozen")
    with db.transaction() as session:
        other = settlement.begin(session, job.id, 1, "other")
    assert frozen is not None and other is not None
    for start, owns in ((frozen, False), (other, True), (other, False), (frozen, False)):
        with db.transaction() as session:
            outcome = Outcome(attempt=start.attempt, failure=faults.INTERNAL)
            assert settlement.end(session, job.id, 1, outcome) is owns
    assert balance(owner) == (13, 0)
    assert kinds(of=owner)[1:] == ["job.failed"]


def test_a_run_that_no_worker_survives_is_given_up(owner_sqlite: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MAX_STARTS", 2)
    job = submission.submit(owner_sqlite, TINY_ENHANCE, picture(owner_sqlite))
    for name in ("first", "second"):
        with db.transaction() as session:
            settlement.begin(session, job.id, 1, name)
    InlineWorker().run(job.id)
    given_up = reading.get_job(owner_sqlite, job.id)
    assert given_up.error is not None and "several times" in given_up.error.message
    assert balance(owner_sqlite) == (13, 0)


def test_a_start_that_the_engine_gave_to_another_worker_cannot_take_the_run_back(owner: Actor) -> None:
    job = submission.submit(owner, TINY_ENHANCE, picture(owner))
    table = records.workflow_table()
    with db.transaction() as session:
        session.execute(sa.update(table).where(table.c.workflow_uuid == job.id).values(owner_xid="the other"))
        assert settlement.begin(session, job.id, 1, "frozen", owner="mine") is None
        assert settlement.begin(session, job.id, 1, "other", owner="the other") is not None
        assert settlement.begin(session, job.id, 1, "frozen", owner="mine") is None
    assert reading.get_job(owner, job.id).attempts == 1
