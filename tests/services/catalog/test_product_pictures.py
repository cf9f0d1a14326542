"""The pictures of a product: their order, the main one, what belongs together, and what becomes of deleted ones."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

import db
from config import settings
from services.accounts.actor import Actor
from services.catalog import pictures
from services.catalog.listing import list_products
from services.catalog.owned import ProductArchived
from services.catalog.pictures import (
    add_pictures,
    product_pictures,
    remove_pictures,
    restore_pictures,
    update_picture,
    upload_picture,
)
from services.catalog.products import archive_product, get_product
from services.catalog.views import RemovedPictures
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.library import assets
from services.library.gallery import AssetFilters, list_assets
from services.library.intake import UnsupportedMedia
from tests.services.catalog.conftest import photo, plain, product, result
from tests.support.job_pictures import shop_owner

Shown = list[tuple[str | None, list[str]]]


def shown(actor: Actor, product_id: str) -> Shown:
    """Each photo with what was made from it, by id."""
    groups = product_pictures(actor, product_id)
    assert [group.number for group in groups] == list(range(1, len(groups) + 1))
    return [(group.original.id if group.original else None, [one.id for one in group.results]) for group in groups]


def main(actor: Actor, product_id: str) -> str | None:
    chosen = get_product(actor, product_id).main
    return chosen.id if chosen else None


def test_pictures_keep_the_order_they_were_added_in_and_results_stand_with_their_photo(owner: Actor) -> None:
    mug = product(owner)
    first, second, third = photo(owner), photo(owner), photo(owner)
    of_second, of_first = result(owner, second), result(owner, first)
    add_pictures(owner, mug.id, [second, first])
    add_pictures(owner, mug.id, [of_first, of_second, third, first])

    assert shown(owner, mug.id) == [(second, [of_second]), (first, [of_first]), (third, [])]
    found = get_product(owner, mug.id)
    assert (found.picture_count, found.result_count, main(owner, mug.id)) == (5, 2, second)
    assert {one.id for one in list_assets(owner, filters=AssetFilters(product_id=mug.id)).items} == {
        first, second, third, of_first, of_second,
    }  # fmt: skip


def test_a_picture_made_from_a_result_is_grouped_with_the_first_photo(owner: Actor) -> None:
    mug = product(owner)
    first = photo(owner)
    once = result(owner, first)
    twice = result(owner, once)
    add_pictures(owner, mug.id, [twice, once, first])
    assert shown(owner, mug.id) == [(first, [once, twice])]


def test_a_group_moves_as_one_and_the_first_is_the_main_picture_unless_another_is_chosen(owner: Actor) -> None:
    mug = product(owner)
    a, b, c = photo(owner), photo(owner), photo(owner)
    of_c = result(owner, c)
    add_pictures(owner, mug.id, [a, b, c, of_c])

    update_picture(owner, mug.id, of_c, number=1)
    assert shown(owner, mug.id) == [(c, [of_c]), (a, []), (b, [])]
    assert main(owner, mug.id) == c
    update_picture(owner, mug.id, a, number=99)
    assert shown(owner, mug.id) == [(c, [of_c]), (b, []), (a, [])]
    update_picture(owner, mug.id, of_c, is_main=True)
    update_picture(owner, mug.id, a, number=0)
    assert shown(owner, mug.id) == [(a, []), (c, [of_c]), (b, [])]
    assert main(owner, mug.id) == of_c
    assert main(owner, list_products(owner).items[0].id) == of_c


def test_a_picture_belongs_to_one_product(owner: Actor) -> None:
    mug, cup = product(owner, "MUG-1", "Mug"), product(owner, "CUP-1", "Cup")
    mine = photo(owner)
    add_pictures(owner, mug.id, [mine])

    with pytest.raises(Conflict, match="“Mug”"):
        add_pictures(owner, cup.id, [photo(owner), mine])
    assert shown(owner, cup.id) == []  # all or none

    remove_pictures(owner, mug.id, [mine])
    add_pictures(owner, cup.id, [mine])
    assert assets.get_asset(owner, mine).product_id == cup.id


def test_of_two_products_that_take_a_picture_at_once_one_gets_it(owner: Actor) -> None:
    products = [product(owner, f"P{number}") for number in range(4)]
    mine = photo(owner)

    def take(product_id: str) -> bool:
        try:
            add_pictures(owner, product_id, [mine])
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, [one.id for one in products])) == 1
    holders = [one.id for one in products if shown(owner, one.id)]
    assert holders == [assets.get_asset(owner, mine).product_id]


def test_taking_a_picture_out_keeps_it_in_the_library(owner: Actor) -> None:
    mug = product(owner)
    a, b = photo(owner), photo(owner)
    of_a = result(owner, a)
    add_pictures(owner, mug.id, [a, of_a, b])
    update_picture(owner, mug.id, a, is_main=True)

    remove_pictures(owner, mug.id, [a])

    assert shown(owner, mug.id) == [(None, [of_a]), (b, [])]
    assert assets.get_asset(owner, a).product_id is None
    assert main(owner, mug.id) == of_a
    with pytest.raises(NotFound):
        remove_pictures(owner, mug.id, [a])
    add_pictures(owner, mug.id, [a])
    assert (a, [of_a]) in shown(owner, mug.id)


def test_restored_pictures_return_to_their_places_and_the_main_one_is_main_again(owner: Actor) -> None:
    mug = product(owner)
    a, b, c = photo(owner), photo(owner), photo(owner)
    of_a = result(owner, a)
    add_pictures(owner, mug.id, [a, of_a, b, c])
    before = update_picture(owner, mug.id, of_a, number=2, is_main=True)
    assert (before.number, before.is_main, before.asset.product_id) == (2, True, mug.id)

    out = remove_pictures(owner, mug.id, [a, of_a])
    assert (shown(owner, mug.id), main(owner, mug.id)) == ([(b, []), (c, [])], b)
    add_pictures(owner, mug.id, [d := photo(owner)])
    restore_pictures(owner, mug.id, out)
    assert shown(owner, mug.id) == [(b, []), (a, [of_a]), (c, []), (d, [])]
    assert main(owner, mug.id) == of_a

    out = remove_pictures(owner, mug.id, [of_a])
    update_picture(owner, mug.id, c, is_main=True)
    restore_pictures(owner, mug.id, out)
    assert (shown(owner, mug.id)[1], main(owner, mug.id)) == ((a, [of_a]), c)


def test_a_picture_in_the_trash_is_gone_from_the_product_until_it_is_restored(owner: Actor) -> None:
    mug = product(owner)
    a, b, c = photo(owner), photo(owner), photo(owner)
    of_a = result(owner, a)
    add_pictures(owner, mug.id, [a, of_a, b, c])
    update_picture(owner, mug.id, b, is_main=True)
    assets.trash_asset(owner, a)
    assets.trash_asset(owner, b)

    assert shown(owner, mug.id) == [(None, [of_a]), (c, [])]
    assert get_product(owner, mug.id).picture_count == 2
    assert main(owner, mug.id) == of_a
    with pytest.raises(NotFound):
        update_picture(owner, mug.id, b, is_main=True)
    update_picture(owner, mug.id, c, number=1)
    assert shown(owner, mug.id) == [(c, []), (None, [of_a])]

    assets.restore_asset(owner, a)
    assets.restore_asset(owner, b)
    assert [original for original, _ in shown(owner, mug.id)] == [c, a, b]
    assert main(owner, mug.id) == b


def test_a_picture_deleted_for_good_breaks_nothing(owner: Actor) -> None:
    mug = product(owner)
    a, b = photo(owner), photo(owner)
    of_a = [result(owner, a), result(owner, a)]
    add_pictures(owner, mug.id, [a, *of_a, b])
    update_picture(owner, mug.id, a, is_main=True)

    assets.purge(owner, a)
    assert shown(owner, mug.id) == [(None, of_a), (b, [])]
    assert main(owner, mug.id) == of_a[0]
    for one in (*of_a, b):
        assets.purge(owner, one)
    assert shown(owner, mug.id) == []
    assert main(owner, mug.id) is None
    add_pictures(owner, mug.id, [c := photo(owner)])
    assert shown(owner, mug.id) == [(c, [])]


def _done_or_waiting(other: "Future[None]") -> None:
    """Return once the other has ended, or stands before a lock of ours. SQLite has one lock, and everybody does."""
    until = time.monotonic() + 10
    while not settings().is_sqlite and not other.done() and time.monotonic() < until:
        with db.snapshot() as session:
            if session.scalar(sa.text("SELECT COUNT(*) FROM pg_locks WHERE NOT granted")):
                return
        time.sleep(0.01)


@pytest.mark.parametrize("is_main", [True, False], ids=["the main one", "another"])
@pytest.mark.parametrize(
    "change",
    [
        lambda owner, mug, it: update_picture(owner, mug, it, number=2),
        lambda owner, mug, it: remove_pictures(owner, mug, [it]),
        lambda owner, mug, it: update_picture(owner, mug, it, is_main=True),
    ],
    ids=["move", "remove", "make main"],
)
def test_a_picture_deleted_for_good_and_its_product_changed_at_once_wait_for_each_other(
    owner: Actor, monkeypatch: pytest.MonkeyPatch, change: Callable[[Actor, str, str], None], is_main: bool
) -> None:
    mug, first, second = product(owner).id, photo(owner), photo(owner)
    add_pictures(owner, mug, [first, second])
    update_picture(owner, mug, first if is_main else second, is_main=True)
    purging: list[Future[None]] = []
    read = pictures.placed

    def read_and_be_overtaken(*what: object) -> object:
        found = read(*what)  # type: ignore[arg-type]
        purging.append(pool.submit(assets.purge, owner, first))
        _done_or_waiting(purging[0])
        return found

    with ThreadPoolExecutor(1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(pictures, "placed", read_and_be_overtaken)
            change(owner, mug, first)
        purging[0].result()
    assert (shown(owner, mug), main(owner, mug)) == ([(second, [])], second)


def test_a_picture_deleted_for_good_while_it_is_added_is_not_found(
    owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug, gone = product(owner).id, photo(owner)
    if settings().is_sqlite:
        pytest.skip("there is one writer at a time")

    def found_and_then_gone(*what: object) -> object:
        found = pictures_of(*what)  # type: ignore[arg-type]
        with ThreadPoolExecutor(1) as pool:
            pool.submit(assets.purge, owner, gone).result()
        return found

    pictures_of = pictures.owned_assets
    with monkeypatch.context() as patch:
        patch.setattr(pictures, "owned_assets", found_and_then_gone)
        with pytest.raises(NotFound):
            add_pictures(owner, mug, [gone])
    assert shown(owner, mug) == []


def test_an_upload_lands_in_the_product_and_one_that_fails_leaves_nothing(owner: Actor) -> None:
    mug = product(owner)
    uploaded = upload_picture(owner, mug.id, plain(), "mug.png")
    assert (uploaded.number, uploaded.is_main, uploaded.asset.product_id) == (1, True, mug.id)
    assert uploaded.asset.filename == "mug.jpg"  # kept as JPEG: nothing in it is clear
    assert shown(owner, mug.id) == [(uploaded.asset.id, [])]

    with pytest.raises(UnsupportedMedia):
        upload_picture(owner, mug.id, b"no picture at all", "mug.png")
    archive_product(owner, mug.id)
    with pytest.raises(ProductArchived):
        upload_picture(owner, mug.id, plain(), "mug.png")
    with pytest.raises(NotFound):
        upload_picture(owner, "prd_unknown", plain(), "mug.png")
    assert len(list_assets(owner).items) == 1


def test_an_upload_goes_again_if_the_product_was_archived_meanwhile(
    owner_sqlite: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    mug = product(owner_sqlite)
    upload = assets.upload

    def slow_upload(actor: Actor, data: bytes, filename: str) -> object:
        taken_in = upload(actor, data, filename)
        archive_product(actor, mug.id)
        return taken_in

    monkeypatch.setattr(assets, "upload", slow_upload)
    with pytest.raises(ProductArchived):
        upload_picture(owner_sqlite, mug.id, plain(), "mug.png")
    assert list_assets(owner_sqlite).items == ()


def test_pictures_that_show_no_product_and_too_many_are_refused(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    mug = product(owner)
    logo = assets.upload(owner, plain(), "logo.png", "logo").id
    with pytest.raises(Invalid, match="logo"):
        add_pictures(owner, mug.id, [logo])
    with pytest.raises(Invalid):
        add_pictures(owner, mug.id, [])
    trashed = photo(owner)
    assets.trash_asset(owner, trashed)
    with pytest.raises(NotFound):
        add_pictures(owner, mug.id, [trashed])
    monkeypatch.setattr("services.catalog.pictures.MAX_PICTURES", 2)
    add_pictures(owner, mug.id, [photo(owner)])
    with pytest.raises(Invalid, match="up to 2"):
        add_pictures(owner, mug.id, [photo(owner), photo(owner)])
    assert len(shown(owner, mug.id)) == 1


def test_an_archived_products_pictures_can_be_seen_and_not_changed(owner: Actor) -> None:
    mug = product(owner)
    a = photo(owner)
    add_pictures(owner, mug.id, [a])
    archive_product(owner, mug.id)

    assert shown(owner, mug.id) == [(a, [])]
    for change in (
        lambda: add_pictures(owner, mug.id, [a]),
        lambda: remove_pictures(owner, mug.id, [a]),
        lambda: update_picture(owner, mug.id, a, number=1),
        lambda: update_picture(owner, mug.id, a, is_main=True),
    ):
        with pytest.raises(ProductArchived):
            change()


def test_nobody_elses_picture_or_product_can_be_used(owner: Actor) -> None:
    other = shop_owner("other@example.com")
    mug, a = product(owner), photo(owner)
    add_pictures(owner, mug.id, [a])
    theirs = product(other)
    with pytest.raises(NotFound):
        add_pictures(other, theirs.id, [a])
    for use in (
        lambda: product_pictures(other, mug.id),
        lambda: add_pictures(other, mug.id, [photo(other)]),
        lambda: remove_pictures(other, mug.id, [a]),
        lambda: update_picture(other, mug.id, a, number=1),
        lambda: update_picture(other, mug.id, a, is_main=True),
        lambda: update_picture(other, theirs.id, a, number=1),
        lambda: update_picture(other, theirs.id, a, is_main=True),
        lambda: restore_pictures(other, theirs.id, RemovedPictures(((a, 0),), a)),
        lambda: restore_pictures(other, mug.id, RemovedPictures(((photo(other), 0),), None)),
        lambda: remove_pictures(other, theirs.id, [a]),
    ):
        with pytest.raises(NotFound):
            use()
    assert shown(owner, mug.id) == [(a, [])]


def test_a_key_that_may_only_read_moves_nothing(owner_sqlite: Actor) -> None:
    mug, a = product(owner_sqlite), photo(owner_sqlite)
    reader = replace(owner_sqlite, scopes=frozenset({"read"}))
    for use in (
        lambda: add_pictures(reader, mug.id, [a]),
        lambda: remove_pictures(reader, mug.id, [a]),
        lambda: update_picture(reader, mug.id, a, number=1),
        lambda: update_picture(reader, mug.id, a, is_main=True),
        lambda: restore_pictures(reader, mug.id, RemovedPictures(((a, 0),), a)),
        lambda: upload_picture(reader, mug.id, plain(), "a.png"),
    ):
        with pytest.raises(Forbidden):
            use()
    assert shown(reader, mug.id) == []
