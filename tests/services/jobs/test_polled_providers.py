"""A provider that makes a job of each picture, for every way its job can end. The provider and its operation are one
module, `tests/support/extension_sketch.py`."""

import base64
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from sqlmodel import col, select

import db
from db import clock
from db.models.jobs import JobStatus
from db.models.library import Asset
from db.models.providers import CallStatus, ProviderCall
from services import credits
from services.accounts.actor import Actor
from services.accounts.registration import create_user
from services.errors import Invalid
from services.jobs import cancellation, reading, submission, unwanted_calls
from services.jobs.run import call_records
from services.jobs.settlement import Start
from services.library import assets, results, storage
from services.staff import prompts
from services.staff.prompts import PromptFields
from services.studio.providers.contract import EditRequest, Submitted
from tests.fakes.queued_vendor import FakeVendor
from tests.support.extension_sketch import QueuedConnection
from tests.support.job_pictures import picture
from tests.support.job_workers import InlineWorker

SKETCH = {"steps": [{"op": "sketch", "params": {"paper": "brown"}}]}
OK, REFUSED, FAILED = CallStatus.SUCCEEDED, CallStatus.REFUSED, CallStatus.FAILED


def recorded() -> list[ProviderCall]:
    with db.snapshot() as session:
        return list(session.exec(select(ProviderCall).order_by(col(ProviderCall.attempt))).all())


@dataclass(frozen=True)
class Case:
    """What the vendor says of its job at each poll, and what must come of it."""

    script: list[str]
    status: JobStatus
    calls: list[str]
    costs: list[int]
    code: str | None = None
    polls: int = 1
    waits: list[float] = field(default_factory=lambda: [1.0])

    @property
    def id(self) -> str:
        return "+".join(self.script)


DONE, BROKEN = JobStatus.SUCCEEDED, JobStatus.FAILED
CASES = [
    Case(["done"], DONE, [OK], [21_000]),
    Case(["running"] * 3 + ["done"], DONE, [OK], [21_000], polls=4, waits=[1.0, 1.5, 2.25, 3.375]),
    Case(["running", "unavailable", "done"], DONE, [OK], [21_000], polls=3, waits=[1.0, 1.5, 2.25]),
    Case(["unsafe"], BROKEN, [REFUSED], [0], "content_refused"),
    Case(["failed", "done"], DONE, [FAILED, OK], [0, 21_000], polls=2, waits=[1.0, 1.0, 1.0]),
    Case(["failed"] * 2, BROKEN, [FAILED] * 2, [0, 0], "provider_unavailable", polls=2, waits=[1.0, 1.0, 1.0]),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_each_end_of_the_vendors_job_has_its_state_polls_cost_and_charge(
    case: Case, vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker
) -> None:
    vendor.script, vendor.otherwise = list(case.script), "failed"
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    worker.run_all(retries=1)
    done = reading.get_job(vendor_shop, job.id)
    assert done.status == case.status, done.error
    assert vendor.faults == []
    rows = recorded()
    assert [row.status for row in rows] == case.calls
    assert [row.cost_micros for row in rows] == case.costs
    assert [row.vendor_id for row in rows] == [f"vendor-job-{n + 1}" for n in range(len(rows))]
    assert (len(vendor.submissions), len(vendor.polls)) == (len(rows), case.polls)
    assert [pytest.approx(wait, rel=0.25) for wait in worker.checkpoints.waits] == case.waits
    assert credits.balance(vendor_shop).available == (10 if case.status == DONE else 13)
    if done.error is not None:
        assert done.error.code == case.code


def test_a_submission_that_is_refused_makes_no_job(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker
) -> None:
    vendor.refusal = 403
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    worker.run_all(retries=2)
    assert reading.get_job(vendor_shop, job.id).status == BROKEN
    (row,) = recorded()
    assert (row.status, row.vendor_id, vendor.polls) == (FAILED, None, [])


def test_the_pictures_that_a_step_names_are_sent_with_it(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker
) -> None:
    photo, example = picture(vendor_shop, side=600), picture(vendor_shop, side=80, seed=3)
    job = submission.submit(vendor_shop, SKETCH, photo, inputs={"example": example})
    worker.run_all()
    assert reading.get_job(vendor_shop, job.id).status == DONE
    (sent,) = vendor.submissions
    found = {name: base64.b64decode(data) for name, data in sent["others"].items()}
    assert found == {"example": assets.content(vendor_shop, example, "original", None).data}


def test_a_picture_beside_it_that_is_gone_fails_the_job_before_a_call_is_written_down(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker
) -> None:
    photo, example = picture(vendor_shop, side=600), picture(vendor_shop, side=80, seed=3)
    job = submission.submit(vendor_shop, SKETCH, photo, inputs={"example": example})
    with db.snapshot() as session:
        storage.current().delete(session.get_one(Asset, example).storage_key)
    worker.run_all()
    assert reading.get_job(vendor_shop, job.id).status == BROKEN
    assert (recorded(), vendor.submissions) == ([], []), "a price that was never spent"


def test_an_outage_of_our_store_while_the_pictures_are_fetched_leaves_no_call_of_unknown_outcome(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, example = picture(vendor_shop, side=600), picture(vendor_shop, side=80, seed=3)
    real, broken = results.load, [storage.StorageUnavailable()]

    def flaky(asset: Asset) -> bytes:
        if broken and asset.id == example:
            raise broken.pop()
        return real(asset)

    monkeypatch.setattr(results, "load", flaky)
    job = submission.submit(vendor_shop, SKETCH, photo, inputs={"example": example})
    worker.run_all()
    assert reading.get_job(vendor_shop, job.id).status == DONE
    assert broken == [] and [(row.status, row.cost_micros) for row in recorded()] == [(OK, 21_000)]


def test_a_job_that_takes_too_long_is_cancelled_and_not_submitted_again(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.otherwise = "running"
    real = call_records.again

    def much_later(start: Start, call_id: str) -> call_records.Call:
        if len(vendor.polls) == 2:
            clock.travel(timedelta(minutes=16))
        return real(start, call_id)

    monkeypatch.setattr(call_records, "again", much_later)
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    worker.run_all(retries=2)
    failed = reading.get_job(vendor_shop, job.id)
    assert failed.error is not None and failed.error.code == "provider_unavailable"
    assert (len(vendor.submissions), len(vendor.polls), vendor.cancelled) == (1, 3, ["vendor-job-1"])
    (row,) = recorded()
    assert (row.status, row.cost_micros) == (FAILED, 20_000)  # it may yet be paid for


def test_the_vendors_job_is_cancelled_with_ours(vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker) -> None:
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))

    class Killed(BaseException):
        pass

    def killed(seconds: float) -> None:
        raise Killed

    worker.checkpoints.sleep = killed  # type: ignore[method-assign]
    with pytest.raises(Killed):
        worker.run(job.id)
    assert unwanted_calls.cancel_unwanted() == 0
    cancellation.cancel_job(vendor_shop, job.id)
    assert unwanted_calls.cancel_unwanted() == 1
    assert unwanted_calls.cancel_unwanted() == 0
    assert (vendor.cancelled, vendor.polls) == (["vendor-job-1"], [])
    (row,) = recorded()
    assert (row.status, row.error_code) == (FAILED, "cancelled")
    assert credits.balance(vendor_shop).available == 13


def test_a_submission_that_a_worker_died_in_is_found_again_by_its_key_and_counted_once(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(call_records, "submitted", killed)
        with pytest.raises(Killed):
            worker.run(job.id)
    (row,) = recorded()
    assert (row.status, row.vendor_id, row.cost_micros) == (CallStatus.STARTED, None, 20_000), "it may be paid for"
    assert worker.run(job.id)
    assert [sent["key"] for sent in vendor.submissions] == [row.id], "one job for both"
    assert [(row.status, row.vendor_id, row.cost_micros) for row in recorded()] == [
        (CallStatus.UNKNOWN, None, 0),
        (OK, "vendor-job-1", 21_000),
    ]
    assert reading.get_job(vendor_shop, job.id).status == DONE


def test_a_submission_whose_answer_was_lost_is_found_again_by_its_key(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, lost = QueuedConnection.submit, [httpx.ReadTimeout("no answer"), httpx.ReadError("reset")]

    def losing(self: QueuedConnection, request: EditRequest) -> Submitted:
        made = real(self, request)
        if lost:
            raise lost.pop()
        return made

    monkeypatch.setattr(QueuedConnection, "submit", losing)
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    worker.run_all(retries=2)
    assert reading.get_job(vendor_shop, job.id).status == DONE
    assert len(vendor.submissions) == 1
    unknown = (CallStatus.UNKNOWN, 0)
    assert [(row.status, row.cost_micros) for row in recorded()] == [unknown, unknown, (OK, 21_000)]


@pytest.mark.parametrize("status", [408, 502, 504, 200])
def test_a_submission_whose_answer_does_not_say_whether_it_was_taken_counts_until_its_job_is_found(
    status: int, vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker
) -> None:
    vendor.lost = [status] * 2
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    worker.run_all(retries=1)
    assert reading.get_job(vendor_shop, job.id).status == BROKEN
    assert [(row.status, row.cost_micros) for row in recorded()] == [(CallStatus.UNKNOWN, 20_000)] * 2
    assert len(vendor.submissions) == 1, "under one key"

    vendor.lost = [status]
    submission.retry_job(vendor_shop, job.id)
    worker.run_all(retries=1)
    assert reading.get_job(vendor_shop, job.id).status == DONE
    again = [(row.status, row.cost_micros) for row in recorded() if row.run == 2]
    assert again == [(CallStatus.UNKNOWN, 0), (OK, 21_000)]
    assert len(vendor.submissions) == 2, "one a run"


def test_the_model_that_staff_choose_is_held_against_what_the_provider_can_do(vendor_shop: Actor) -> None:
    chief = create_user("chief@example.com", "correct horse battery", "super_admin")
    template = "Draw it on {paper}."
    changed = prompts.new_version(chief, "sketch", PromptFields("pencil-2", template, 1))
    assert (changed.provider, changed.model) == ("queued", "pencil-2")
    for wrong, where in (
        (PromptFields("brush-2", template, 1), "model"),
        (PromptFields("pencil-2", template, 1, provider="gemini"), "model"),
        (PromptFields("pencil-2", template, 1, provider="nobody"), "provider"),
    ):
        with pytest.raises(Invalid) as refused:
            prompts.new_version(chief, "sketch", wrong)
        assert [error.field for error in refused.value.errors] == [where]
