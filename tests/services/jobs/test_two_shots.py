"""Two photos of a thing as a job: whose they are, what it costs, and what is charged."""

import io

import pytest
from PIL import Image

from db.models.jobs import JobStatus
from services import credits
from services.accounts.actor import Actor
from services.errors import NotFound
from services.jobs import reading, submission
from services.jobs.views import JobView
from services.library import assets
from services.studio.recipes import InvalidRecipe
from tests.support.job_pictures import picture, shop_owner
from tests.support.job_workers import InlineWorker
from tests.support.two_shot_pairs import Camera, Pair, Pixels, draw_pair


@pytest.fixture(scope="module")
def pair() -> Pair:
    return draw_pair("glass", 1, Camera(shift=(3, -2), turn=0.5), (320, 400))


def stored(actor: Actor, pixels: Pixels) -> str:
    """The id of an uploaded picture."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return picture(actor, data=out.getvalue())


def recipe(on_black: str, *then: dict[str, object]) -> dict[str, object]:
    return {"steps": [{"op": "two_shots", "params": {"on_black": on_black}}, *then]}


def made(owner: Actor, worker: InlineWorker, first: str, on_black: str, *then: dict[str, object]) -> JobView:
    job = submission.submit(owner, recipe(on_black, *then), first)
    worker.run_all()
    assert credits.verify_ledger() == []
    return reading.get_job(owner, job.id)


def test_two_photos_become_one_transparent_picture_for_two_credits(
    owner: Actor, worker: InlineWorker, pair: Pair
) -> None:
    white, black = stored(owner, pair.white), stored(owner, pair.black)

    job = made(owner, worker, white, black)

    assert (job.status, job.error, job.credits_charged) == (JobStatus.SUCCEEDED, None, 2)
    result = assets.get_asset(owner, job.result_asset_ids[0])
    assert (result.has_alpha, result.content_type, result.parent_id) == (True, "image/png", white)
    assert (result.width, result.height) == (400, 320)
    assert result.details["cut_out_by"] == "two photos"
    assert credits.balance(owner).available == 11


def test_a_marketplace_follows_at_its_own_price(owner: Actor, worker: InlineWorker, pair: Pair) -> None:
    white, black = stored(owner, pair.white), stored(owner, pair.black)

    job = made(owner, worker, white, black, {"op": "background", "params": {"preset": "amazon_main"}})

    assert (job.status, job.credits_charged) == (JobStatus.SUCCEEDED, 3)
    result = assets.get_asset(owner, job.result_asset_ids[0])
    assert (result.width, result.content_type) == (2000, "image/jpeg")
    assert result.details["marketplace"]["preset"] == "amazon_main"


@pytest.mark.parametrize(("which", "code"), [("same", "papers_alike"), ("other", "photos_differ")])
def test_photos_that_make_no_pair_fail_with_a_reason_and_cost_nothing(
    owner: Actor, worker: InlineWorker, pair: Pair, which: str, code: str
) -> None:
    white = stored(owner, pair.white)
    other = white if which == "same" else stored(owner, draw_pair("mesh", 2, Camera(), (320, 400)).black)

    job = made(owner, worker, white, other)

    assert job.status == JobStatus.FAILED
    assert job.error is not None and (job.error.code, job.error.retryable) == (code, False)
    assert (credits.balance(owner).available, credits.balance(owner).held) == (13, 0)


def test_the_second_photo_has_to_be_ones_own(owner: Actor, pair: Pair) -> None:
    white = stored(owner, pair.white)
    theirs = stored(shop_owner("other@example.com"), pair.black)

    with pytest.raises(NotFound):
        submission.submit(owner, recipe(theirs), white)

    assert credits.balance(owner).held == 0


def test_no_step_may_change_the_photo_before(owner: Actor, pair: Pair) -> None:
    white, black = stored(owner, pair.white), stored(owner, pair.black)
    steps = [{"op": "enhance"}, {"op": "two_shots", "params": {"on_black": black}}]

    with pytest.raises(InvalidRecipe) as refused:
        submission.submit(owner, {"steps": steps}, white)

    assert [error.field for error in refused.value.errors] == ["steps[1].op"]


def test_a_second_photo_thrown_away_meanwhile_fails_the_job(owner: Actor, worker: InlineWorker, pair: Pair) -> None:
    white, black = stored(owner, pair.white), stored(owner, pair.black)
    job = submission.submit(owner, recipe(black), white)
    assets.trash_asset(owner, black)
    worker.run_all()
    failed = reading.get_job(owner, job.id)
    assert failed.error is not None and failed.error.code == "not_found"
    assert credits.balance(owner).held == 0
