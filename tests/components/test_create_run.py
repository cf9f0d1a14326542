"""The runs that Create shows, and what can be done about a picture that was not made."""

from typing import Any

import db
from db.models import Job, JobStatus
from services.accounts.actor import Actor
from services.catalog.fields import ProductFields
from services.catalog.products import create_product
from services.jobs import submission
from tests.components.conftest import opened
from tests.support.job_pictures import FREE, picture

RESTYLE = {"steps": [{"op": "restyle", "params": {"style": "cute", "size": "medium", "words": ""}}]}


def change(job_id: str, **values: Any) -> None:
    with db.transaction() as session:
        job = session.get(Job, job_id)
        assert job is not None
        job.sqlmodel_update(values)
        session.add(job)


def test_create_takes_up_its_own_jobs_and_leaves_restyles_and_the_products_alone(owner: Actor) -> None:
    photo = picture(owner)
    mug = create_product(owner, ProductFields(sku="MUG-1", title="Mug"))
    submission.submit(owner, FREE, photo, product_id=mug.id)
    change(submission.submit(owner, FREE, photo).id, recipe=RESTYLE)
    screen = opened("shop/generate").run()
    assert not screen.exception
    assert screen.query_params.get("jobs") is None

    mine = submission.submit(owner, FREE, photo)
    screen = opened("shop/generate").run()
    assert screen.query_params["jobs"] == mine.id


def test_trying_again_is_offered_only_where_it_can_help(owner: Actor) -> None:
    job = submission.submit(owner, FREE, picture(owner))
    change(job.id, status=JobStatus.FAILED, error_code="content_refused", error_message="No.")
    screen = opened("shop/generate", jobs=job.id)
    assert [button.label for button in screen.run().button] == ["Make more pictures", "Change something"]

    change(job.id, error_retryable=True)
    again, instead = [button.label for button in screen.run().button][1:]
    assert again.startswith("Try again · ")
    assert instead == "Change something first"
