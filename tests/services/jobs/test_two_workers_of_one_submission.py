"""A worker that is taken for dead in a submission, and the one that takes its job over, submit under one key. The
vendor answers both with the same job: whichever writes it down first, it is polled and counted once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

import db
from db.models.jobs import JobStatus
from db.models.providers import CallStatus, ProviderCall
from services.accounts.actor import Actor
from services.jobs import reading, submission, unwanted_calls
from services.jobs.run import call_records
from tests.fakes.queued_vendor import FakeVendor
from tests.support.job_pictures import picture
from tests.support.job_workers import InlineWorker

SKETCH = {"steps": [{"op": "sketch"}]}
OK, FAILED, UNKNOWN = CallStatus.SUCCEEDED, CallStatus.FAILED, CallStatus.UNKNOWN
DONE = JobStatus.SUCCEEDED


def recorded() -> list[tuple[str, str | None, int]]:
    with db.snapshot() as session:
        rows = session.exec(select(ProviderCall).order_by(col(ProviderCall.attempt))).all()
        return [(row.status, row.vendor_id, row.cost_micros) for row in rows]


class Frozen:
    """A first worker that stops between the answer to its submission and writing it down. A second one takes the job
    over meanwhile; the first wakes where the test says so, at the latest when the second is done."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, job_id: str) -> None:
        self._real, self._job_id = call_records.submitted, job_id
        self._first: tuple[str, str, int] | None = None
        self._holder: str | None = None
        self.second = InlineWorker()
        self.wake_before_the_second_writes = False
        self.meanwhile: Callable[[], None] = lambda: None
        monkeypatch.setattr(call_records, "submitted", self._submitted)

    def wake(self) -> str:
        if self._holder is None:
            assert self._first is not None
            self._holder = self._real(*self._first)
        return self._holder

    def _submitted(self, *given: Any) -> str:
        if self._first is None:
            self._first = given
            self.meanwhile()
            assert self.second.run(self._job_id)
            return self.wake()
        if self.wake_before_the_second_writes:
            self.wake()
        return self._real(*given)


@pytest.mark.parametrize("first_writes", ["first", "last"])
def test_a_job_that_two_workers_were_answered_with_is_polled_and_counted_once(
    first_writes: str, vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    frozen = Frozen(monkeypatch, job.id)
    frozen.wake_before_the_second_writes = first_writes == "first"
    assert worker.run(job.id) is False, "the second has it"
    frozen.second.close()
    assert reading.get_job(vendor_shop, job.id).status == DONE
    found, empty = (OK, "vendor-job-1", 21_000), (UNKNOWN, None, 0)
    assert recorded() == ([found, empty] if first_writes == "first" else [empty, found])
    assert (len(vendor.submissions), len(vendor.polls)) == (1, 1)
    assert unwanted_calls.cancel_unwanted() == 0 and vendor.cancelled == []


def test_a_job_that_has_failed_is_not_polled_again_when_the_worker_wakes_that_had_submitted_it(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.script = ["failed"]
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    frozen = Frozen(monkeypatch, job.id)
    real = call_records.opened

    def woken_first(*given: Any) -> call_records.Call:
        if vendor.polls:
            frozen.wake()
        return real(*given)

    monkeypatch.setattr(call_records, "opened", woken_first)
    assert worker.run(job.id) is False
    frozen.second.close()
    assert reading.get_job(vendor_shop, job.id).status == DONE
    assert vendor.polls == ["vendor-job-1", "vendor-job-2"]
    assert recorded() == [
        (UNKNOWN, None, 0),
        (FAILED, "vendor-job-1", 0),
        (OK, "vendor-job-2", 21_000),
    ]


def test_a_lost_answer_counts_nothing_once_an_earlier_worker_writes_down_the_same_job(
    vendor_shop: Actor, vendor: FakeVendor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submission.submit(vendor_shop, SKETCH, picture(vendor_shop, side=600))
    frozen = Frozen(monkeypatch, job.id)
    real = call_records.closed_unanswered

    def then_woken(*given: Any) -> None:
        real(*given)
        frozen.wake()

    monkeypatch.setattr(call_records, "closed_unanswered", then_woken)
    frozen.meanwhile = lambda: vendor.lost.append(504)
    assert worker.run(job.id) is False
    frozen.second.close()
    assert recorded() == [
        (OK, "vendor-job-1", 21_000),
        (UNKNOWN, None, 0),
    ]
    assert len(vendor.submissions) == 1
