"""Touching up a result: who may, what it shows, what it costs."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

import db
from config import Settings
from services import credits
from services.accounts.actor import Actor
from services.catalog.fields import ProductFields
from services.catalog.products import create_product
from services.credits import ledger
from services.errors import Forbidden, NotFound
from services.jobs import cancellation, reading, submission, touch_up
from services.jobs.errors import PriceChanged
from services.jobs.views import JobView
from services.library import assets, storage
from services.library.assets import get_asset
from services.studio.recipes import InvalidRecipe
from services.studio.touching_up import CannotTouchUp
from tests.support.job_pictures import PRESET, picture, product_photo, shop_owner
from tests.support.job_workers import InlineWorker

CUT = {"steps": [{"op": "remove_background"}]}
STROKES = [{"mode": "keep", "points": [[0.1, 0.1], [0.2, 0.1]], "width": 0.05, "softness": 0.0, "snap": False}]
OTHER = [{**STROKES[0], "mode": "erase", "points": [[0.5, 0.5]]}]


@pytest.fixture(scope="module")
def glass() -> bytes:
    """A picture whose cut-out is doubtful: a busy ground."""
    noise = np.random.default_rng(5).integers(0, 255, (12, 12, 3), np.uint8)
    ground = np.asarray(Image.fromarray(noise).resize((160, 160), Image.Resampling.NEAREST)).copy()
    ground[50:110, 60:100] = (176, 34, 40)
    out = io.BytesIO()
    Image.fromarray(ground).save(out, "PNG")
    return out.getvalue()


def made(actor: Actor, worker: InlineWorker, recipe: object, photo: str, **more: Any) -> JobView:
    job = submission.submit(actor, recipe, photo, **more)
    worker.run_all()
    return reading.get_job(actor, job.id)


def result_of(job: JobView) -> str:
    assert job.result_asset_ids, job.error
    return job.result_asset_ids[0]


def saved(actor: Actor, worker: InlineWorker, asset_id: str, strokes: object, **more: Any) -> JobView:
    job = touch_up.save(actor, asset_id, strokes, **more)
    worker.run_all()
    return reading.get_job(actor, job.id)


@pytest.mark.parametrize("recipe", [CUT, PRESET], ids=["cut-out", "amazon"])
def test_a_paid_result_is_touched_up_for_nothing_and_again_and_again(
    owner: Actor, worker: InlineWorker, recipe: dict[str, Any]
) -> None:
    first = made(owner, worker, recipe, picture(owner))
    assert first.credits_charged == 1
    assert touch_up.open_touch_up(owner, result_of(first)).credits == 0

    second = saved(owner, worker, result_of(first), STROKES, max_credits=0)
    third = saved(owner, worker, result_of(second), [*STROKES, *OTHER], max_credits=0)

    assert [job.credits_charged for job in (second, third)] == [0, 0]
    assert not third.doubtful
    assert touch_up.open_touch_up(owner, result_of(third)).strokes == (*STROKES, *OTHER)
    assert (credits.balance(owner).available, credits.balance(owner).held) == (12, 0)
    assert get_asset(owner, result_of(third)).parent_id == first.input_asset_id


def test_a_doubtful_result_is_charged_once_the_person_says_it_is_good(
    owner: Actor, worker: InlineWorker, glass: bytes
) -> None:
    doubtful = made(owner, worker, CUT, picture(owner, data=glass))
    assert (doubtful.doubtful, doubtful.credits_charged) == (True, 0)
    assert touch_up.open_touch_up(owner, result_of(doubtful)).credits == 1
    with pytest.raises(PriceChanged):
        touch_up.save(owner, result_of(doubtful), STROKES, max_credits=0)

    good = saved(owner, worker, result_of(doubtful), STROKES, max_credits=1)

    assert (good.doubtful, good.credits_charged) == (False, 1)
    assert good.quality is not None
    assert good.quality.confidence == 1.0
    assert touch_up.open_touch_up(owner, result_of(doubtful)).credits == 0, "paid now, whichever of them is opened"
    assert saved(owner, worker, result_of(good), OTHER).credits_charged == 0


def test_nothing_else_is_to_be_had_that_way(owner: Actor, worker: InlineWorker) -> None:
    photo, other_photo = picture(owner), picture(owner, seed=1)
    paid = made(owner, worker, CUT, photo)
    strokes = {"op": "touch_up", "params": {"strokes": STROKES}}
    amazon = {"op": "background", "params": {"preset": "amazon_main"}}
    enhanced = {"steps": [{"op": "enhance"}, {"op": "remove_background"}, strokes]}
    with_strokes = {"steps": [{"op": "remove_background"}, strokes]}

    def price(recipe: dict[str, Any], asset_id: str) -> int:
        return submission.submit(owner, recipe, asset_id).credits_held

    assert paid.credits_charged == 1
    assert price(with_strokes, photo) == 0
    assert price(with_strokes, other_photo) == 1
    assert price({"steps": [{"op": "remove_background"}, strokes, amazon]}, photo) == 1
    assert price({**with_strokes, "output": {"format": "webp"}}, photo) == 1
    assert price(enhanced, photo) == 2
    assert price(CUT, photo) == 1, "the same without strokes is a new picture"
    many = submission.submit_many(owner, with_strokes, [photo, other_photo, photo])
    assert [job.credits_held for job in many] == [0, 1, 0]


def test_another_person_s_paid_result_counts_for_nothing(owner: Actor, worker: InlineWorker) -> None:
    made(owner, worker, CUT, picture(owner))
    stranger = shop_owner("stranger@example.com")
    theirs = made(stranger, worker, PRESET, picture(stranger))
    with_strokes = {"steps": [{"op": "remove_background"}, {"op": "touch_up", "params": {"strokes": STROKES}}]}
    assert submission.submit(stranger, with_strokes, theirs.input_asset_id).credits_held == 1


def test_a_job_that_waits_failed_or_was_cancelled_has_paid_for_nothing(owner: Actor) -> None:
    photo = picture(owner)
    waiting = submission.submit(owner, CUT, photo)
    with_strokes = {"steps": [{"op": "remove_background"}, {"op": "touch_up", "params": {"strokes": STROKES}}]}
    assert submission.submit(owner, with_strokes, photo).credits_held == 1
    cancellation.cancel_job(owner, waiting.id)
    assert submission.submit(owner, with_strokes, photo).credits_held == 1


def test_a_refunded_picture_is_paid_for_no_more(owner: Actor, worker: InlineWorker) -> None:
    paid = made(owner, worker, CUT, picture(owner))
    with db.transaction() as session:
        from db.models.jobs import Job

        hold_id = session.get_one(Job, paid.id).hold_id
        assert hold_id is not None
        ledger.refund(session, hold_id, 1, key="refund:1", actor="staff", reason="by request")
    assert touch_up.open_touch_up(owner, result_of(paid)).credits == 1


def test_what_was_paid_stays_paid_when_its_picture_is_deleted(owner: Actor, worker: InlineWorker) -> None:
    paid = made(owner, worker, CUT, picture(owner))
    copy = saved(owner, worker, result_of(paid), STROKES)
    assets.purge(owner, result_of(paid))
    assert saved(owner, worker, result_of(copy), OTHER).credits_charged == 0


def test_a_retried_touch_up_costs_what_it_costs_then(owner: Actor, worker: InlineWorker) -> None:
    paid = made(owner, worker, CUT, picture(owner))
    job = touch_up.save(owner, result_of(paid), STROKES)
    cancellation.cancel_job(owner, job.id)
    assert submission.retry_job(owner, job.id).credits_held == 0


def test_the_same_save_sent_twice_is_one_job(owner_sqlite: Actor, worker: InlineWorker) -> None:
    paid = made(owner_sqlite, worker, CUT, picture(owner_sqlite))
    jobs = [touch_up.save(owner_sqlite, result_of(paid), STROKES, key="once") for _ in range(2)]
    assert jobs[0].id == jobs[1].id


def test_the_touched_up_picture_joins_its_product(owner_sqlite: Actor, worker: InlineWorker) -> None:
    product = create_product(owner_sqlite, ProductFields(sku="MUG-1", title="Mug"))
    first = made(owner_sqlite, worker, CUT, picture(owner_sqlite), product_id=product.id)
    again = saved(owner_sqlite, worker, result_of(first), STROKES)
    assert get_asset(owner_sqlite, result_of(again)).product_id == product.id


def alpha(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        assert image.mode == "L"
        return np.asarray(image)


@pytest.mark.parametrize("recipe", [CUT, PRESET, {"steps": [{"op": "enhance"}, {"op": "remove_background"}]}])
def test_the_preview_shows_what_saving_will_make(
    owner_sqlite: Actor, worker: InlineWorker, recipe: dict[str, Any]
) -> None:
    first = made(owner_sqlite, worker, recipe, picture(owner_sqlite, data=product_photo(300)))
    asset_id = result_of(first)
    untouched, touched = (alpha(touch_up.preview(owner_sqlite, asset_id, strokes)) for strokes in ([], STROKES))
    with Image.open(io.BytesIO(touch_up.photo(owner_sqlite, asset_id))) as photo:
        assert (photo.height, photo.width) == untouched.shape == (300, 300)
    assert untouched[30, 45] == 0
    assert touched[30, 45] == 255
    assert (alpha(touch_up.preview(owner_sqlite, asset_id, [])) == untouched).all(), "undo is exact"

    again = saved(owner_sqlite, worker, asset_id, STROKES)

    shown = alpha(touch_up.preview(owner_sqlite, result_of(again), STROKES))
    assert (shown == touched).all(), "opened again it stands where it was saved"
    if recipe is CUT:
        with Image.open(io.BytesIO(assets.content(owner_sqlite, result_of(again)).data)) as saved_picture:
            difference = np.abs(np.asarray(saved_picture.getchannel("A")).astype(int) - touched)
        assert (difference > 40).mean() < 0.002


def test_others_find_nothing_to_touch_up(owner_sqlite: Actor, worker: InlineWorker) -> None:
    asset_id = result_of(made(owner_sqlite, worker, CUT, picture(owner_sqlite)))
    stranger = shop_owner("stranger@example.com")
    for act in (
        lambda: touch_up.open_touch_up(stranger, asset_id),
        lambda: touch_up.photo(stranger, asset_id),
        lambda: touch_up.preview(stranger, asset_id, STROKES),
        lambda: touch_up.save(stranger, asset_id, STROKES),
    ):
        with pytest.raises(NotFound):
            act()


def test_reading_alone_is_not_enough(owner_sqlite: Actor, worker: InlineWorker) -> None:
    from dataclasses import replace

    asset_id = result_of(made(owner_sqlite, worker, CUT, picture(owner_sqlite)))
    reader = replace(owner_sqlite, key_id="key_1", scopes=frozenset({"read"}))
    with pytest.raises(Forbidden):
        touch_up.preview(reader, asset_id, STROKES)


def test_a_picture_that_was_not_cut_out_here_cannot_be_touched_up(owner_sqlite: Actor, worker: InlineWorker) -> None:
    photo = picture(owner_sqlite)
    enhanced = result_of(made(owner_sqlite, worker, {"steps": [{"op": "enhance"}]}, photo))
    for asset_id in (photo, enhanced):
        with pytest.raises(CannotTouchUp):
            touch_up.open_touch_up(owner_sqlite, asset_id)


def test_without_its_photo_a_result_says_what_is_missing(owner_sqlite: Actor, worker: InlineWorker) -> None:
    job = made(owner_sqlite, worker, CUT, picture(owner_sqlite))
    assets.trash_asset(owner_sqlite, job.input_asset_id)
    with pytest.raises(NotFound, match="in the trash"):
        touch_up.open_touch_up(owner_sqlite, result_of(job))
    assets.purge(owner_sqlite, job.input_asset_id)
    with pytest.raises(NotFound, match="has been deleted"):
        touch_up.open_touch_up(owner_sqlite, result_of(job))


def test_a_preview_refuses_what_a_recipe_would(owner_sqlite: Actor, worker: InlineWorker) -> None:
    asset_id = result_of(made(owner_sqlite, worker, CUT, picture(owner_sqlite)))
    for strokes in ([{"mode": "keep"}], ["stroke"], [{**STROKES[0], "width": float("nan")}]):
        with pytest.raises(InvalidRecipe):
            touch_up.preview(owner_sqlite, asset_id, strokes)


def test_the_matte_goes_with_its_picture(owner_sqlite: Actor, worker: InlineWorker, vitrine_sqlite: Settings) -> None:
    asset_id = result_of(made(owner_sqlite, worker, CUT, picture(owner_sqlite)))
    with db.snapshot() as session:
        from db.models.library import Asset

        key = session.get_one(Asset, asset_id).matte_key
    assert key is not None
    assert storage.current().exists(key)
    assets.purge(owner_sqlite, asset_id)
    assert not storage.current().exists(key)
