"""Jobs for a product: who may start them, and where their results come to stand."""

import io
import zipfile

import pytest
from PIL import Image

import db
from db.models import Job
from services import credits
from services.accounts.actor import Actor
from services.catalog.export import archive
from services.catalog.owned import ProductArchived
from services.catalog.pictures import add_pictures, product_pictures, remove_pictures, update_picture
from services.catalog.products import archive_product, get_product, restore_product
from services.errors import Conflict, NotFound
from services.jobs import cancellation, reading, settlement, submission
from services.library import assets
from services.library.gallery import AssetFilters, list_assets
from tests.services.catalog.conftest import photo, product, result
from tests.support.job_pictures import FREE, PRESET, TINY_ENHANCE, picture, shop_owner
from tests.support.job_workers import InlineWorker


def names(actor: Actor, product_id: str) -> list[str]:
    packed = archive(actor, product_id)
    with zipfile.ZipFile(io.BytesIO(b"".join(packed.pieces))) as opened:
        assert opened.testzip() is None
        return opened.namelist()


def test_results_come_back_to_their_product_beside_their_photo(owner: Actor, worker: InlineWorker) -> None:
    mug = product(owner)
    photos = [picture(owner, seed=seed) for seed in range(3)]
    add_pictures(owner, mug.id, photos)

    made = submission.submit_many(owner, PRESET, photos, product_id=mug.id, key="click")
    assert [job.product_id for job in made] == [mug.id] * 3
    assert submission.submit_many(owner, PRESET, photos, product_id=mug.id, key="click") == reading.get_jobs(
        owner, [job.id for job in made]
    )
    worker.run_all()

    groups = product_pictures(owner, mug.id)
    assert [group.original.id for group in groups if group.original] == photos
    for group, job in zip(groups, reading.get_jobs(owner, [job.id for job in made]), strict=True):
        (one,) = group.results
        assert (one.product_id, one.job_id, one.parent_id) == (mug.id, job.id, job.input_asset_ids[0])
        assert job.result_asset_ids == (one.id,)
    assert get_product(owner, mug.id).result_count == 3
    assert credits.verify_ledger() == []


def test_the_end_of_a_job_and_the_place_of_its_result_are_one_transaction(
    owner: Actor, worker: InlineWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug, a = product(owner), picture(owner)
    add_pictures(owner, mug.id, [a])
    job = submission.submit(owner, TINY_ENHANCE, a, product_id=mug.id)

    def broken(*_: object) -> None:
        raise RuntimeError("no place")

    with monkeypatch.context() as patched:
        patched.setattr(settlement, "place_result", broken)
        with pytest.raises(RuntimeError):
            worker.run(job.id)
    assert not reading.get_job(owner, job.id).ended
    assert list_assets(owner, filters=AssetFilters(kind="result")).items == ()
    assert credits.balance(owner).held == 1

    worker.run(job.id)
    (group,) = product_pictures(owner, mug.id)
    assert len(group.results) == 1
    assert credits.verify_ledger() == []


def test_a_job_for_somebody_elses_or_an_archived_product_is_refused_and_holds_nothing(owner: Actor) -> None:
    other = shop_owner("other@example.com")
    theirs, mine, a = product(other), product(owner), photo(owner)
    archive_product(owner, mine.id)
    for product_id, refusal in ((theirs.id, NotFound), ("prd_unknown", NotFound), (mine.id, ProductArchived)):
        with pytest.raises(refusal):
            submission.submit(owner, PRESET, a, product_id=product_id)
        with pytest.raises(refusal):
            submission.submit_many(owner, PRESET, [a], product_id=product_id)
    assert credits.balance(owner).held == 0
    assert reading.list_jobs(owner).items == ()


def test_a_job_of_an_archived_product_runs_again_once_that_is_restored(owner: Actor, worker: InlineWorker) -> None:
    mug, a = product(owner), picture(owner)
    job = submission.submit(owner, TINY_ENHANCE, a, product_id=mug.id)
    cancellation.cancel_job(owner, job.id)
    archive_product(owner, mug.id)
    with pytest.raises(ProductArchived):
        submission.retry_job(owner, job.id)
    assert (reading.get_job(owner, job.id).status, credits.balance(owner).held) == ("cancelled", 0)

    restore_product(owner, mug.id)
    submission.retry_job(owner, job.id)
    worker.run_all()
    assert get_product(owner, mug.id).result_count == 1
    assert credits.verify_ledger() == []


def test_results_arrive_though_the_product_was_archived_and_its_photo_removed(
    owner: Actor, worker: InlineWorker
) -> None:
    mug, a, b = product(owner), picture(owner), picture(owner, seed=1)
    add_pictures(owner, mug.id, [a, b])
    job = submission.submit(owner, FREE, a, product_id=mug.id)
    remove_pictures(owner, mug.id, [a])
    archive_product(owner, mug.id)

    worker.run_all()

    first, second = product_pictures(owner, mug.id)
    assert (first.original and first.original.id, first.results) == (b, ())
    assert second.original is None
    assert [one.id for one in second.results] == list(reading.get_job(owner, job.id).result_asset_ids)


def test_the_zip_names_results_by_sku_place_and_preset(owner: Actor, worker: InlineWorker) -> None:
    mug = product(owner, "MUG-1")
    a, b, c = (picture(owner, seed=seed) for seed in range(3))
    add_pictures(owner, mug.id, [a, b, c])
    with pytest.raises(Conflict, match="no finished pictures"):
        archive(owner, mug.id)
    submission.submit_many(owner, PRESET, [c, a], product_id=mug.id)
    submission.submit_many(owner, PRESET, [a], product_id=mug.id)
    submission.submit_many(owner, FREE, [a], product_id=mug.id)
    worker.run_all()

    assert names(owner, mug.id) == [
        "MUG-1-1-amazon_main.jpg", "MUG-1-1-amazon_main-2.jpg", "MUG-1-1-rotate.jpg", "MUG-1-3-amazon_main.jpg",
    ]  # fmt: skip
    update_picture(owner, mug.id, c, number=1)
    assert names(owner, mug.id)[0] == "MUG-1-1-amazon_main.jpg"
    packed = archive(owner, mug.id)
    assert packed.filename == "MUG-1.zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(packed.pieces))) as opened:
        image = Image.open(io.BytesIO(opened.read("MUG-1-1-amazon_main.jpg")))
    assert (image.format, image.size) == ("JPEG", (2000, 2000))

    trashed = product_pictures(owner, mug.id)[0].results[0]
    assets.trash_asset(owner, trashed.id)
    assert len(names(owner, mug.id)) == 3
    assets.purge(owner, trashed.id)
    assert len(names(owner, mug.id)) == 3


@pytest.mark.parametrize(
    ("sku", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd-1-etsy.png"),
        ("A/B\\C:D", "A_B_C_D-1-etsy.png"),
        ("Größe 4", "Größe 4-1-etsy.png"),
        ("x" * 64, "x" * 64 + "-1-etsy.png"),
        ("con", "picture-con-1-etsy.png"),
    ],
)
def test_an_sku_never_makes_a_folder_or_a_hidden_file_of_an_entry(owner_sqlite: Actor, sku: str, name: str) -> None:
    odd = product(owner_sqlite, sku)
    a = photo(owner_sqlite)
    add_pictures(owner_sqlite, odd.id, [a, result(owner_sqlite, a, {"marketplace": {"preset": "etsy", "rules": []}})])
    assert names(owner_sqlite, odd.id) == [name]


def test_another_persons_product_is_not_exported(owner: Actor) -> None:
    mug, a = product(owner), photo(owner)
    add_pictures(owner, mug.id, [a, result(owner, a)])
    with pytest.raises(NotFound):
        archive(shop_owner("other@example.com"), mug.id)
    assert names(owner, mug.id) == ["MUG-1-1-background.png"]


def test_a_job_without_a_product_belongs_to_none(owner_sqlite: Actor, worker: InlineWorker) -> None:
    job = submission.submit(owner_sqlite, FREE, picture(owner_sqlite))
    worker.run_all()
    (made,) = reading.get_job(owner_sqlite, job.id).result_asset_ids
    assert assets.get_asset(owner_sqlite, made).product_id is None
    with db.snapshot() as session:
        row = session.get(Job, job.id)
    assert row is not None and row.product_id is None
