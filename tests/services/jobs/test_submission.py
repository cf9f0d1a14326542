"""Submitting jobs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import col, select

import db
from db.ids import new_id
from db.models.jobs import Job, JobStatus, OriginKind
from services import credits
from services.accounts.actor import Actor
from services.credits import InsufficientCredits
from services.engine import client, records
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.jobs import cancellation, origins, reading, settlement, submission
from services.jobs.errors import PriceChanged
from services.jobs.run import faults
from services.jobs.views import Origin
from services.studio.recipes import InvalidRecipe
from tests.support.job_pictures import FREE, PRESET, TINY_ENHANCE, picture, shop_owner
from tests.support.job_workers import InlineWorker
from tests.support.statements import by_the_engine, statements


def workflows() -> dict[str, str]:
    """The engine's runs and their states."""
    table = records.workflow_table()
    with db.snapshot() as session:
        return {row.workflow_uuid: row.status for row in session.execute(table.select()).all()}


def test_a_job_is_queued_with_its_credits_set_aside(owner: Actor) -> None:
    photo = picture(owner)
    job = submission.submit(owner, PRESET, photo)
    assert (job.status, job.queue_position, job.credits_held, job.credits_charged) == (JobStatus.QUEUED, 1, 1, 0)
    assert job.input_asset_ids == (photo,)
    assert job.recipe["output"] == {"format": "jpeg", "quality": 92}
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (12, 1)
    assert workflows() == {job.id: "ENQUEUED"}


def test_a_job_with_too_few_credits_leaves_nothing_behind(owner: Actor) -> None:
    photo = picture(owner)
    with pytest.raises(InsufficientCredits):
        submission.submit_many(owner, PRESET, [photo] * 14)
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (13, 0)
    assert workflows() == {}
    assert reading.list_jobs(owner).items == ()


def test_sixteen_clients_with_ten_credits_get_ten_jobs(owner: Actor) -> None:
    photo = picture(owner)
    submission.submit_many(owner, PRESET, [photo] * 3)

    def one(_number: int) -> bool:
        try:
            submission.submit(owner, PRESET, photo)
        except InsufficientCredits:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(16))) == 10
    assert len(workflows()) == 13
    assert credits.balance(owner).available == 0
    assert credits.verify_ledger() == []


def test_the_same_key_makes_one_job_however_often_it_is_sent(owner: Actor) -> None:
    photo = picture(owner)
    first = submission.submit(owner, PRESET, photo, key="click-1")

    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: submission.submit(owner, PRESET, photo, key="click-1"), range(4)))
        both = list(pool.map(lambda _: submission.submit_many(owner, PRESET, [photo] * 2, key="click-2"), range(4)))

    assert {job.id for job in again} == {first.id}
    assert len({tuple(job.id for job in pair) for pair in both}) == 1
    assert len(workflows()) == 3
    assert credits.balance(owner).held == 3


def test_another_persons_picture_cannot_be_used(owner: Actor) -> None:
    other = shop_owner("other@example.com")
    photo = picture(other)
    with pytest.raises(NotFound):
        submission.submit(owner, PRESET, photo)
    recipe = {"steps": [{"op": "background", "params": {"image_asset_id": photo}}]}
    with pytest.raises(NotFound):
        submission.submit(owner, recipe, picture(owner))


def test_an_unknown_operation_and_no_picture_are_rejected(owner_sqlite: Actor) -> None:
    photo = picture(owner_sqlite)
    with pytest.raises(InvalidRecipe) as refused:
        submission.submit(owner_sqlite, {"steps": [{"op": "teleport"}]}, photo)
    assert refused.value.errors[0].field == "steps[0].op"
    with pytest.raises(Invalid):
        submission.submit_many(owner_sqlite, PRESET, [])
    assert credits.balance(owner_sqlite).held == 0


def test_a_key_without_the_write_scope_cannot_start_a_job(owner_sqlite: Actor) -> None:
    photo = picture(owner_sqlite)
    reader = Actor(**{**owner_sqlite.__dict__, "scopes": frozenset({"read"})})
    with pytest.raises(Forbidden):
        submission.submit(reader, PRESET, photo)


def test_work_that_costs_more_than_agreed_is_not_started(owner: Actor) -> None:
    photo = picture(owner)
    with pytest.raises(PriceChanged) as rejected:
        submission.submit_many(owner, PRESET, [photo] * 3, max_credits=2)
    assert (rejected.value.code, rejected.value.status) == ("price_changed", 409)
    assert workflows() == {}
    assert credits.balance(owner).held == 0
    assert len(submission.submit_many(owner, PRESET, [photo] * 3, max_credits=3)) == 3


def test_the_jobs_of_an_origin_are_read_in_one_statement(owner: Actor, worker: InlineWorker) -> None:
    other = shop_owner("other@example.com")
    photo = picture(owner)
    draft, elsewhere = (Origin(OriginKind.SCREEN, new_id("create")) for _ in range(2))
    made = submission.submit_many(owner, TINY_ENHANCE, [photo] * 3, origin=draft)
    submission.submit_many(owner, FREE, [photo], origin=elsewhere)
    submission.submit(owner, FREE, photo)
    cancellation.cancel_job(owner, made[2].id)
    worker.run(made[0].id)
    with statements() as sent:
        found = origins.jobs_of(owner, str(draft.id))
    assert len(sent) == 1
    assert [job.id for job in found.jobs] == [job.id for job in made]
    assert found.counts == {JobStatus.SUCCEEDED: 1, JobStatus.QUEUED: 1, JobStatus.CANCELLED: 1}
    assert found.jobs[0].result_asset_ids == reading.get_job(owner, made[0].id).result_asset_ids
    assert not found.ended
    assert origins.active_origins(owner) == [elsewhere.id, draft.id]
    assert origins.jobs_of(other, str(draft.id)).jobs == ()
    assert origins.active_origins(other) == []


def test_tiers_go_before_each_other_and_people_take_turns_within_one(owner_sqlite: Actor) -> None:
    free, paid = owner_sqlite, shop_owner("paid@example.com", tier="paid")
    forever, second = shop_owner("forever@example.com", tier="forever"), shop_owner("second@example.com")
    names = {}
    for person, name in ((free, "free"), (free, "free"), (second, "second"), (paid, "paid"), (forever, "forever")):
        names[submission.submit(person, FREE, picture(person)).id] = name
    with db.snapshot() as session:
        order = session.exec(select(Job.id).order_by(col(Job.priority), col(Job.queued_at))).all()
    assert [names[job_id] for job_id in order] == ["forever", "paid", "free", "second", "free"]
    positions = {names[job.id]: job.queue_position for who in (paid, second) for job in reading.list_jobs(who).items}
    assert positions == {"paid": 2, "second": 4}


def test_a_cancelled_job_gives_its_credits_back_and_leaves_the_queue(owner: Actor, worker: InlineWorker) -> None:
    photo = picture(owner)
    job, other = submission.submit_many(owner, PRESET, [photo] * 2)
    cancelled = cancellation.cancel_job(owner, job.id)
    assert (cancelled.status, cancelled.credits_held) == (JobStatus.CANCELLED, 0)
    assert cancellation.cancel_job(owner, job.id).status == JobStatus.CANCELLED
    assert workflows() == {job.id: "CANCELLED", other.id: "ENQUEUED"}
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (12, 1)
    assert not worker.run(job.id)
    assert credits.verify_ledger() == []


def test_a_cancelled_job_can_be_run_again_under_its_id(owner: Actor, worker: InlineWorker) -> None:
    job = submission.submit(owner, TINY_ENHANCE, picture(owner))
    cancellation.cancel_job(owner, job.id)
    again = submission.retry_job(owner, job.id)
    assert (again.id, again.status, again.run, again.credits_held) == (job.id, JobStatus.QUEUED, 2, 1)
    assert workflows() == {job.id: "CANCELLED", f"{job.id}/2": "ENQUEUED"}
    assert not worker.run(job.id, run=1)
    assert worker.run(job.id, run=2)
    done = reading.get_job(owner, job.id)
    assert (done.status, done.credits_charged) == (JobStatus.SUCCEEDED, 1)
    with pytest.raises(Conflict):
        submission.retry_job(owner, job.id)
    with pytest.raises(Conflict):
        cancellation.cancel_job(owner, job.id)
    assert credits.verify_ledger() == []


def test_another_persons_job_does_not_exist(owner: Actor) -> None:
    job = submission.submit(owner, PRESET, picture(owner))
    other = shop_owner("other@example.com")
    for use in (reading.get_job, cancellation.cancel_job, submission.retry_job):
        with pytest.raises(NotFound):
            use(other, job.id)
    assert reading.list_jobs(other).items == ()
    assert reading.get_job(owner, job.id).status == JobStatus.QUEUED


def test_the_list_pages_backwards_in_time_and_filters_by_status(owner_sqlite: Actor) -> None:
    photo = picture(owner_sqlite)
    made = [submission.submit(owner_sqlite, FREE, photo).id for _ in range(5)]
    cancellation.cancel_job(owner_sqlite, made[0])
    first = reading.list_jobs(owner_sqlite, limit=3)
    rest = reading.list_jobs(owner_sqlite, limit=3, starting_after=first.items[-1].id)
    assert [job.id for job in first.items + rest.items] == made[::-1]
    assert (first.has_more, rest.has_more) == (True, False)
    assert [job.id for job in reading.list_jobs(owner_sqlite, status="cancelled").items] == [made[0]]


def test_a_hundred_pictures_take_few_statements_and_one_lock(owner: Actor) -> None:
    rich = shop_owner("rich@example.com", credits=200)
    photos = [picture(rich, seed=number) for number in range(4)] * 25
    client.client()  # the engine makes its tables on first use
    with statements() as sent:
        made = submission.submit_many(rich, PRESET, photos)
    ours = [statement for statement in sent if not by_the_engine(statement)]
    assert len(ours) < 60
    assert sum("FOR UPDATE" in statement for statement in ours) <= 1
    assert [job.input_asset_id for job in made] == photos
    with db.snapshot() as session:
        priorities = session.exec(select(Job.priority).order_by(col(Job.id))).all()
    assert [number - priorities[0] for number in priorities] == list(range(100))
    assert len({job.id for job in made}) == 100 == sum(state == "ENQUEUED" for state in workflows().values())
    balance = credits.balance(rich)
    assert (balance.available, balance.held) == (113, 100)
    assert credits.verify_ledger() == []


def test_failed_jobs_of_an_origin_are_queued_again_together(owner: Actor, worker: InlineWorker) -> None:
    draft = Origin(OriginKind.SCREEN, new_id("create"))
    made = submission.submit_many(owner, TINY_ENHANCE, [picture(owner)] * 4, origin=draft)
    cancellation.cancel_job(owner, made[3].id)
    worker.run(made[0].id)
    with db.transaction() as session:
        for job in made[1:3]:
            settlement.begin(session, job.id, 1, "worker")
            settlement.end(session, job.id, 1, settlement.Outcome(attempt=1, failure=faults.INTERNAL))
    with db.transaction() as session:
        assert submission.retry_failed(session, owner, str(draft.id)) == 2
    found = [reading.get_job(owner, job.id) for job in made]
    assert [(job.status, job.run) for job in found] == [
        (JobStatus.SUCCEEDED, 1),
        (JobStatus.QUEUED, 2),
        (JobStatus.QUEUED, 2),
        (JobStatus.CANCELLED, 1),
    ]
    worker.run_all()
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (10, 0)
    assert credits.verify_ledger() == []
