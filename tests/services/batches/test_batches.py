"""Batches: many pictures, one recipe, each picture settled alone."""

import io
import zipfile

import pytest
from sqlmodel import select

import db
from config import Settings
from db.models import EventRow, JobStatus
from services import credits
from services.accounts.actor import Actor
from services.batches import batches
from services.batches.archive import archive
from services.batches.completion import COMPLETION
from services.batches.tasks import note_completed
from services.batches.views import BatchCounts, BatchStatus
from services.catalog import products
from services.catalog.fields import ProductFields
from services.catalog.pictures import add_pictures
from services.credits import InsufficientCredits
from services.errors import Conflict, Invalid, NotFound
from services.events.consumers import replay
from services.jobs import cancellation, origins, reading, settlement, submission
from services.jobs.errors import PriceChanged
from services.jobs.run import faults
from services.jobs.settlement import Outcome
from tests.support.event_log import recorded
from tests.support.job_pictures import PRESET, TINY_ENHANCE, picture, shop_owner
from tests.support.job_workers import InlineWorker
from tests.support.statements import statements

DEAD = Outcome(attempt=1, failure=faults.INTERNAL)


@pytest.fixture
def owner(vitrine: Settings) -> Actor:
    """A shop owner with 13 credits, on each database in turn."""
    return shop_owner()


@pytest.fixture
def owner_sqlite(vitrine_sqlite: Settings) -> Actor:
    return shop_owner()


def end(job_id: str, outcome: Outcome, run: int = 1) -> None:
    with db.transaction() as session:
        settlement.begin(session, job_id, run, "worker")
        assert settlement.end(session, job_id, run, outcome)


def completed() -> list[dict[str, object]]:
    """What was recorded of batches that are completed."""
    note_completed()
    with db.snapshot() as session:
        rows = session.scalars(select(EventRow).where(EventRow.kind == "batch.completed")).all()
    return [{**row.payload, **row.subject_ids} for row in rows]


def job_ids(owner: Actor, batch_id: str) -> list[str]:
    return [job.id for job in origins.jobs_of(owner, batch_id).jobs]


def test_each_picture_of_a_batch_is_settled_alone_and_its_end_is_recorded_once(owner: Actor) -> None:
    batch = batches.make_batch(owner, TINY_ENHANCE, asset_ids=[picture(owner)] * 4)
    assert (batch.status, batch.counts, batch.credits_held) == (BatchStatus.QUEUED, BatchCounts(queued=4), 4)
    ids = job_ids(owner, batch.id)
    end(ids[0], Outcome(attempt=1, charged=True))
    end(ids[1], Outcome(attempt=1, charged=False))  # doubtful
    end(ids[2], DEAD)
    running = batches.get_batch(owner, batch.id)
    assert running.status == BatchStatus.RUNNING
    assert running.counts == BatchCounts(queued=1, succeeded=1, doubtful=1, failed=1)
    assert (running.credits_held, running.credits_charged) == (1, 1)
    assert credits.balance(owner).held == 1
    assert completed() == []
    cancellation.cancel_job(owner, ids[3])
    [event] = completed()
    assert (event["batch_id"], event["status"]) == (batch.id, "partly_failed")
    assert (event["made"], event["doubtful"], event["failed"], event["cancelled"]) == (2, 1, 1, 1)
    assert len(completed()) == 1
    assert batches.get_batch(owner, batch.id).completed_at is not None
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (12, 0)
    assert credits.verify_ledger() == []


def test_what_failed_is_retried_together_and_the_batch_completes_again(owner: Actor, worker: InlineWorker) -> None:
    batch = batches.make_batch(owner, TINY_ENHANCE, asset_ids=[picture(owner)] * 3)
    ids = job_ids(owner, batch.id)
    for job_id in ids[:2]:
        end(job_id, DEAD)
    worker.run(ids[2])
    assert [event["failed"] for event in completed()] == [2]
    again = batches.retry_failed(owner, batch.id)
    assert (again.counts, again.completed_at) == (BatchCounts(queued=2, succeeded=1), None)
    worker.run_all()
    done = batches.get_batch(owner, batch.id)
    assert (done.status, done.counts, done.credits_charged) == (BatchStatus.SUCCEEDED, BatchCounts(succeeded=3), 3)
    assert len(completed()) == 2
    with pytest.raises(Conflict):
        batches.retry_failed(owner, batch.id)
    assert credits.verify_ledger() == []


def test_a_job_that_is_retried_by_itself_makes_its_batch_complete_again(owner: Actor) -> None:
    batch = batches.make_batch(owner, TINY_ENHANCE, asset_ids=[picture(owner)] * 2)
    ids = job_ids(owner, batch.id)
    for job_id in ids:
        end(job_id, DEAD)
    assert [event["failed"] for event in completed()] == [2]
    assert batches.get_batch(owner, batch.id).completed_at is not None
    submission.retry_job(owner, ids[0])
    again = batches.get_batch(owner, batch.id)
    assert (again.status, again.completed_at) == (BatchStatus.RUNNING, None)
    assert len(completed()) == 1
    end(ids[0], Outcome(attempt=1, charged=True), run=2)
    assert batches.get_batch(owner, batch.id).completed_at is None, "not of the first time"
    assert [event["made"] for event in completed()] == [0, 1]
    assert batches.get_batch(owner, batch.id).completed_at is not None
    replay(COMPLETION.name)
    assert len(completed()) == 2


def test_a_retry_before_the_end_was_noticed_leaves_one_completion_with_the_last_counts(owner: Actor) -> None:
    batch = batches.make_batch(owner, TINY_ENHANCE, asset_ids=[picture(owner)] * 2)
    ids = job_ids(owner, batch.id)
    for job_id in ids:
        end(job_id, DEAD)
    submission.retry_job(owner, ids[0])
    assert completed() == []
    end(ids[0], Outcome(attempt=1, charged=True), run=2)
    assert [(event["made"], event["failed"]) for event in completed()] == [(1, 1)]


def test_a_cancelled_batch_gives_back_what_has_not_ended(owner: Actor) -> None:
    batch = batches.make_batch(owner, PRESET, asset_ids=[picture(owner)] * 3)
    ids = job_ids(owner, batch.id)
    assert batches.skip(owner, batch.id, ids[:1]).counts == BatchCounts(queued=2, cancelled=1)
    end(ids[1], Outcome(attempt=1, charged=True))
    cancelled = batches.cancel_batch(owner, batch.id)
    assert (cancelled.status, cancelled.counts) == (BatchStatus.CANCELLED, BatchCounts(succeeded=1, cancelled=2))
    assert batches.cancel_batch(owner, batch.id).counts == cancelled.counts
    assert [event["status"] for event in completed()] == ["cancelled"]
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (12, 0)
    assert credits.verify_ledger() == []


def test_a_large_batch_is_cancelled_in_few_statements_and_one_lock_of_the_account(owner: Actor) -> None:
    rich = shop_owner("rich@example.com", credits=200)
    batch = batches.make_batch(rich, PRESET, asset_ids=[picture(rich)] * 100)
    with statements() as sent:
        cancelled = batches.cancel_batch(rich, batch.id)
    assert len(sent) < 30
    assert sum("credit_accounts" in statement and "FOR UPDATE" in statement for statement in sent) <= 1
    assert cancelled.counts == BatchCounts(cancelled=100)
    assert (credits.balance(rich).available, credits.balance(rich).held) == (213, 0)
    assert [event.subject_ids()["job_id"] for event in recorded("job.cancelled")] == job_ids(rich, batch.id)
    assert credits.verify_ledger() == []


def test_a_batch_that_cannot_be_paid_or_costs_more_than_agreed_leaves_nothing_behind(owner: Actor) -> None:
    photo = picture(owner)
    with pytest.raises(InsufficientCredits):
        batches.make_batch(owner, PRESET, asset_ids=[photo] * 14)
    with pytest.raises(PriceChanged):
        batches.make_batch(owner, PRESET, asset_ids=[photo] * 3, max_credits=2)
    assert batches.list_batches(owner).items == ()
    assert reading.list_jobs(owner).items == ()
    assert credits.balance(owner).held == 0


def test_the_same_key_makes_one_batch(owner: Actor) -> None:
    first, second = (batches.make_batch(owner, PRESET, asset_ids=[picture(owner)], key="click") for _ in range(2))
    assert first == second
    assert credits.balance(owner).held == 1


def test_a_batch_of_products_works_on_their_main_photos(owner_sqlite: Actor, worker: InlineWorker) -> None:
    owner = owner_sqlite
    mug, plate, empty = (
        products.create_product(owner, ProductFields(sku=sku, title=sku)) for sku in ("MUG", "PLATE", "EMPTY")
    )
    front, side, dish = (picture(owner, seed=seed) for seed in (1, 2, 3))
    add_pictures(owner, mug.id, [front, side])
    add_pictures(owner, plate.id, [dish])
    made = batches.make_batch(owner, TINY_ENHANCE, product_ids=[plate.id, mug.id], naming="{sku}-{n}")
    found = origins.jobs_of(owner, made.id).jobs
    assert [(job.product_id, job.input_asset_id) for job in found] == [(plate.id, dish), (mug.id, front)]
    worker.run_all()
    packed = archive(owner, made.id)
    with zipfile.ZipFile(io.BytesIO(b"".join(packed.pieces))) as opened:
        assert opened.namelist() == ["PLATE-001.jpg", "MUG-002.jpg"]
        assert opened.testzip() is None
    with pytest.raises(Invalid):
        batches.make_batch(owner, PRESET, product_ids=[mug.id, empty.id])


def test_the_archive_has_names_of_their_own_and_needs_a_picture(owner_sqlite: Actor, worker: InlineWorker) -> None:
    owner = owner_sqlite
    batch = batches.make_batch(owner, TINY_ENHANCE, asset_ids=[picture(owner)] * 2)
    with pytest.raises(Conflict):
        archive(owner, batch.id)
    worker.run_all()
    with zipfile.ZipFile(io.BytesIO(b"".join(archive(owner, batch.id).pieces))) as opened:
        assert opened.namelist() == ["mug-enhance.jpg", "mug-enhance (2).jpg"]


def test_a_picture_is_numbered_by_its_place_in_the_batch_whatever_became_of_those_before_it(
    owner_sqlite: Actor, worker: InlineWorker
) -> None:
    batch = batches.make_batch(owner_sqlite, TINY_ENHANCE, asset_ids=[picture(owner_sqlite)] * 3, naming="{n}")
    ids = job_ids(owner_sqlite, batch.id)
    end(ids[1], DEAD)
    worker.run(ids[2])
    worker.run(ids[0])
    with zipfile.ZipFile(io.BytesIO(b"".join(archive(owner_sqlite, batch.id).pieces))) as opened:
        assert opened.namelist() == ["001.jpg", "003.jpg"]


@pytest.mark.parametrize("naming", ["{colour}", " ", "x" * 121])
def test_a_naming_rule_that_cannot_be_followed_is_rejected(owner_sqlite: Actor, naming: str) -> None:
    with pytest.raises(Invalid) as rejected:
        batches.make_batch(owner_sqlite, PRESET, asset_ids=[picture(owner_sqlite)], naming=naming)
    assert rejected.value.errors[0].field == "naming"


def test_a_batch_takes_pictures_or_products_and_at_most_five_hundred(owner_sqlite: Actor) -> None:
    photo = picture(owner_sqlite)
    for chosen in ({}, {"asset_ids": [photo], "product_ids": ["prd_1"]}, {"asset_ids": [photo] * 501}):
        with pytest.raises(Invalid):
            batches.make_batch(owner_sqlite, PRESET, **chosen)


def test_another_persons_batch_does_not_exist(owner_sqlite: Actor) -> None:
    batch = batches.make_batch(owner_sqlite, PRESET, asset_ids=[picture(owner_sqlite)])
    other = shop_owner("other@example.com")
    for use in (batches.get_batch, batches.cancel_batch, batches.retry_failed, archive):
        with pytest.raises(NotFound):
            use(other, batch.id)
    theirs = submission.submit(other, PRESET, picture(other))
    with pytest.raises(NotFound):
        batches.skip(owner_sqlite, batch.id, [theirs.id])
    assert reading.get_job(other, theirs.id).status == JobStatus.QUEUED
    assert batches.list_batches(other).items == ()


def test_batches_are_listed_with_one_count_over_the_jobs_of_all(owner_sqlite: Actor) -> None:
    photo = picture(owner_sqlite)
    made = [batches.make_batch(owner_sqlite, PRESET, asset_ids=[photo] * count) for count in (1, 2, 3)]
    with statements() as sent:
        page = batches.list_batches(owner_sqlite, limit=2)
    assert len(sent) == 2
    assert [(batch.id, batch.counts.total) for batch in page.items] == [(made[2].id, 3), (made[1].id, 2)]
    assert page.has_more
    rest = batches.list_batches(owner_sqlite, starting_after=made[1].id)
    assert [batch.id for batch in rest.items] == [made[0].id]
