"""Pictures from upload to deletion, on both databases; whatever belongs to another is as if it were not there."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import db
from config import Settings
from db import clock
from db.models import Asset
from services.accounts.actor import Actor
from services.errors import Forbidden, Invalid, NotFound
from services.library import assets, results, storage
from services.library.assets import AssetView
from services.library.storage import StorageUnavailable
from services.studio.encoding import ImageUnreadable
from tests.services.library.conftest import drawn, encoded

MakePerson = Callable[[str], Actor]


def upload(actor: Actor, filename: str = "mug.jpg", size: tuple[int, int] = (640, 480)) -> AssetView:
    return assets.upload(actor, encoded(drawn(size)), filename)


def row(asset_id: str) -> Asset | None:
    with db.snapshot() as session:
        return session.get(Asset, asset_id)


def stored(asset: Asset) -> list[bool]:
    return [storage.current().exists(key) for key in (asset.storage_key, asset.thumb_key, asset.preview_key)]


def add_result(actor: Actor, parent: AssetView, image: Image.Image | None = None, filename: str = "done.jpg") -> str:
    prepared = results.prepare_result(encoded(image or Image.new("RGB", (400, 400), "white")), filename)
    with db.transaction() as session:
        return results.add_result(
            session,
            prepared,
            user_id=actor.id,
            job_id=None,
            parent_id=parent.id,
            operations=["remove_background", "background"],
            details={"confidence": 0.9},
        )


def test_an_upload_is_kept_with_its_small_versions(owner: Actor) -> None:
    view = upload(owner)

    assert view.id.startswith("ast_")
    assert (view.kind, view.filename, view.width, view.height) == ("original", "mug.jpg", 640, 480)
    kept = row(view.id)
    assert kept is not None
    assert stored(kept) == [True, True, True]
    assert view.sha256 in kept.storage_key
    assert assets.get_asset(owner, view.id) == view


def test_the_same_picture_sent_twice_makes_two_that_live_apart(owner: Actor) -> None:
    first, second = upload(owner), upload(owner)
    assets.purge(owner, first.id)

    assert assets.content(owner, second.id).data
    assert first.sha256 == second.sha256


def test_an_animation_says_in_its_details_what_was_kept(owner: Actor) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "green")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert "first frame" in assets.upload(owner, data, "a.gif").details["notes"][0]


@pytest.mark.parametrize("kind", ["result", "nonsense", ""])
def test_an_upload_cannot_claim_to_be_something_else(sqlite_owner: Actor, kind: str) -> None:
    with pytest.raises(Invalid) as caught:
        assets.upload(sqlite_owner, encoded(drawn()), "x.jpg", kind)

    assert caught.value.errors[0].field == "kind"


def test_a_read_only_key_changes_nothing(sqlite_owner: Actor) -> None:
    view = upload(sqlite_owner)
    reader = Actor(sqlite_owner.id, "", "", "user", "free", scopes=frozenset({"read"}))

    for attempt in (
        lambda: upload(reader),
        lambda: assets.import_url(reader, "https://shop.example/x.jpg"),
        lambda: assets.update_asset(reader, view.id, is_favorite=True),
        lambda: assets.trash_asset(reader, view.id),
        lambda: assets.restore_asset(reader, view.id),
        lambda: assets.purge(reader, view.id),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert assets.get_asset(reader, view.id) == view


def test_an_upload_while_the_store_is_unreachable_leaves_no_row(sqlite_owner: Actor, vitrine_sqlite: Settings) -> None:
    (vitrine_sqlite.data_dir).mkdir(parents=True, exist_ok=True)
    (vitrine_sqlite.data_dir / "storage").write_text("in the way")

    with pytest.raises(StorageUnavailable):
        upload(sqlite_owner)
    assert assets.list_assets(sqlite_owner, page=1).total == 0


def test_an_upload_whose_row_cannot_be_written_leaves_no_bytes(vitrine_sqlite: Settings) -> None:
    stranger = Actor("usr_nobody", "", "", "user", "free")

    with pytest.raises(Exception, match="FOREIGN KEY"):
        upload(stranger)
    assert [path for path in (vitrine_sqlite.data_dir / "storage").rglob("*") if path.is_file()] == []


def test_renaming_keeps_the_extension_true(owner: Actor) -> None:
    view = upload(owner)

    renamed = assets.update_asset(owner, view.id, filename="../Blue mug.png")
    assert renamed.filename == "Blue mug.jpg"
    assert assets.update_asset(owner, view.id, is_favorite=True).is_favorite
    assert assets.get_asset(owner, view.id).filename == "Blue mug.jpg"
    with pytest.raises(Invalid):
        assets.update_asset(owner, view.id, filename="   ")


def test_the_trash_hides_and_gives_back(owner: Actor) -> None:
    view = upload(owner)

    assert assets.trash_asset(owner, view.id).deleted_at is not None
    assert assets.list_assets(owner).items == ()
    trash = assets.list_assets(owner, filters=assets.AssetFilters(trashed=True))
    assert [item.id for item in trash.items] == [view.id]
    assert assets.restore_asset(owner, view.id).deleted_at is None
    assert [item.id for item in assets.list_assets(owner).items] == [view.id]


def test_trashing_twice_keeps_the_first_date(sqlite_owner: Actor) -> None:
    view = upload(sqlite_owner)
    first = assets.trash_asset(sqlite_owner, view.id)
    clock.travel(timedelta(days=3))

    assert assets.trash_asset(sqlite_owner, view.id).deleted_at == first.deleted_at


def test_deleting_for_good_removes_row_and_bytes(owner: Actor) -> None:
    view = upload(owner)
    kept = row(view.id)
    assert kept is not None

    assets.purge(owner, view.id)

    assert row(view.id) is None
    assert stored(kept) == [False, False, False]
    with pytest.raises(NotFound):
        assets.purge(owner, view.id)


def test_bytes_that_another_row_names_stay(sqlite_owner: Actor) -> None:
    view = upload(sqlite_owner)
    with db.transaction() as session:
        original = session.get(Asset, view.id)
        assert original is not None
        twin = Asset(**{**original.model_dump(), "id": db.new_id("ast")})
        session.add(twin)

    assets.purge(sqlite_owner, view.id)

    assert assets.content(sqlite_owner, twin.id).data


def test_while_the_store_is_unreachable_nothing_is_half_deleted(
    sqlite_owner: Actor, vitrine_sqlite: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = upload(sqlite_owner)

    def away(self: Path, missing_ok: bool = False) -> None:
        raise OSError("no such device")

    with monkeypatch.context() as broken, pytest.raises(StorageUnavailable):
        broken.setattr(Path, "unlink", away)
        assets.purge(sqlite_owner, view.id)

    assert assets.content(sqlite_owner, view.id).data


def test_the_sweep_takes_what_expired_and_what_lay_a_month_in_the_trash(owner: Actor) -> None:
    kept, trashed, parent = upload(owner), upload(owner), upload(owner)
    assets.trash_asset(owner, trashed.id)
    expiring = add_result(owner, parent)
    with db.transaction() as session:
        result = session.get(Asset, expiring)
        assert result is not None
        result.expires_at = db.now() + timedelta(days=7)

    assert assets.sweep() == 0
    clock.travel(timedelta(days=8))
    assert assets.sweep() == 1
    assert row(expiring) is None
    clock.travel(timedelta(days=31))
    assert assets.sweep() == 1
    assert row(trashed.id) is None
    assert row(kept.id) is not None


def test_what_belongs_to_another_is_not_there(owner: Actor, make_person: MakePerson) -> None:
    view = upload(owner)
    result = add_result(owner, view)
    thief = make_person("thief@example.com")
    mine = upload(thief)

    for attempt in (
        lambda: assets.get_asset(thief, view.id),
        lambda: assets.update_asset(thief, view.id, is_favorite=True),
        lambda: assets.trash_asset(thief, view.id),
        lambda: assets.restore_asset(thief, view.id),
        lambda: assets.purge(thief, view.id),
        lambda: assets.content(thief, view.id),
        lambda: assets.archive(thief, [mine.id, view.id]),
        lambda: assets.before_after(thief, result),
    ):
        with pytest.raises(NotFound) as caught:
            attempt()
        assert caught.value.status == 404
    with pytest.raises(Invalid):
        assets.list_assets(thief, starting_after=view.id)
    with db.snapshot() as session, pytest.raises(NotFound):
        results.owned_assets(session, thief.id, [view.id])
    assert [item.id for item in assets.list_assets(thief).items] == [mine.id]
    assert assets.get_asset(owner, view.id) == view


def test_jobs_get_their_inputs_in_order_and_none_from_the_trash(owner: Actor) -> None:
    first, second = upload(owner, "a.jpg"), upload(owner, "b.jpg")

    with db.snapshot() as session:
        found = results.owned_assets(session, owner.id, [second.id, first.id, second.id])
    assert [asset.id for asset in found] == [second.id, first.id, second.id]
    assert results.load(found[1]) == assets.content(owner, first.id).data

    assets.trash_asset(owner, first.id)
    with db.snapshot() as session, pytest.raises(NotFound):
        results.owned_assets(session, owner.id, [first.id])


def test_a_result_remembers_what_it_was_made_from(owner: Actor) -> None:
    parent = upload(owner)
    view = assets.get_asset(owner, add_result(owner, parent))

    assert (view.kind, view.parent_id) == ("result", parent.id)
    assert view.operations == ("remove_background", "background")
    assert view.details == {"confidence": 0.9}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_results_are_kept_byte_for_byte_in_every_format(sqlite_owner: Actor, format: str) -> None:
    data = encoded(drawn((300, 200), "RGBA" if format != "JPEG" else "RGB"), format)

    prepared = results.prepare_result(data, "mug.heic")

    assert storage.current().get(prepared.storage_key) == data
    assert (prepared.width, prepared.height, prepared.has_alpha) == (300, 200, format != "JPEG")
    assert prepared.content_type == f"image/{format.lower()}"


def test_a_large_jpeg_result_keeps_its_size_though_it_is_read_small(sqlite_owner: Actor) -> None:
    prepared = results.prepare_result(encoded(drawn((4000, 3000))), "big.jpg")

    assert (prepared.width, prepared.height) == (4000, 3000)
    preview = Image.open(io.BytesIO(storage.current().get(prepared.preview_key)))
    assert preview.size == (1280, 960)


def test_a_discarded_result_leaves_no_bytes(sqlite_owner: Actor, vitrine_sqlite: Settings) -> None:
    prepared = results.prepare_result(encoded(drawn()), "x.jpg")
    results.discard(prepared)

    assert [path for path in (vitrine_sqlite.data_dir / "storage").rglob("*") if path.is_file()] == []


def test_a_result_that_does_not_decode_is_not_kept(sqlite_owner: Actor, vitrine_sqlite: Settings) -> None:
    with pytest.raises(ImageUnreadable):
        results.prepare_result(encoded(drawn())[:500], "x.jpg")
    assert not (vitrine_sqlite.data_dir / "storage").exists()


@pytest.mark.parametrize(("format", "magic"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "WEBP"), ("avif", "AVIF")])
def test_a_picture_can_be_had_in_any_format(sqlite_owner: Actor, format: str, magic: str) -> None:
    view = assets.upload(sqlite_owner, encoded(drawn((300, 200), "RGBA"), "PNG"), "logo.png")

    content = assets.content(sqlite_owner, view.id, format=format)  # type: ignore[arg-type]

    image = Image.open(io.BytesIO(content.data))
    assert (image.format, image.size) == (magic, (300, 200))
    assert content.content_type == f"image/{format}"
    assert content.filename == {"jpeg": "logo.jpg"}.get(format, f"logo.{format}")


def test_what_is_transparent_becomes_pure_white_in_jpeg(sqlite_owner: Actor) -> None:
    clear = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    view = assets.upload(sqlite_owner, encoded(clear, "PNG"), "clear.png")

    pixels = np.asarray(Image.open(io.BytesIO(assets.content(sqlite_owner, view.id, format="jpeg").data)))

    assert pixels.min() == 255


def test_a_largest_side_makes_smaller_and_never_larger(sqlite_owner: Actor) -> None:
    view = upload(sqlite_owner, size=(640, 480))

    small = assets.content(sqlite_owner, view.id, max_side=100)
    same = assets.content(sqlite_owner, view.id, max_side=5000)

    assert Image.open(io.BytesIO(small.data)).size == (100, 75)
    assert same == assets.content(sqlite_owner, view.id)
    assert small.etag != same.etag


def test_asking_for_what_does_not_exist_is_explained(sqlite_owner: Actor) -> None:
    view = upload(sqlite_owner)

    for arguments in ({"variant": "huge"}, {"format": "bmp"}, {"max_side": 0}):
        with pytest.raises(Invalid):
            assets.content(sqlite_owner, view.id, **arguments)  # type: ignore[arg-type]


def test_before_and_after_stand_side_by_side(owner: Actor) -> None:
    before = assets.upload(owner, encoded(Image.new("RGB", (400, 400), (200, 0, 0))), "red.jpg")
    result = add_result(owner, before, Image.new("RGB", (800, 800), (0, 0, 200)), "blue.jpg")

    content = assets.before_after(owner, result)

    image = Image.open(io.BytesIO(content.data))
    left, right = image.getpixel((100, 200)), image.getpixel((image.width - 100, 200))
    assert isinstance(left, tuple) and isinstance(right, tuple)
    assert left[0] > 150 > left[2] and right[2] > 150 > right[0]
    assert content.filename == "blue before and after.jpg"


def test_there_is_no_comparison_without_a_before(owner: Actor) -> None:
    before = upload(owner)
    result = add_result(owner, before)

    with pytest.raises(NotFound, match="not made from another"):
        assets.before_after(owner, before.id)
    assets.purge(owner, before.id)
    with pytest.raises(NotFound):
        assets.before_after(owner, result)


def test_an_archive_holds_every_picture_once_under_a_name_of_its_own(owner: Actor) -> None:
    views = [upload(owner, name) for name in ("mug.jpg", "MUG.jpg", "mug.jpg", "../../evil.jpg")]

    packed = assets.archive(owner, [view.id for view in views] + [views[0].id])

    data = b"".join(packed.pieces)
    assert len(data) == packed.size
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["mug.jpg", "MUG (2).jpg", "mug (3).jpg", "evil.jpg"]
        assert archive.read("mug (3).jpg") == assets.content(owner, views[2].id).data
    assert packed.filename.endswith("-4-pictures.zip")


def test_an_archive_reads_one_picture_at_a_time_and_is_never_whole(
    sqlite_owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = encoded(Image.effect_noise((1600, 1200), 90), "PNG")
    views = [assets.upload(sqlite_owner, noise, "noise.png") for _ in range(12)]
    store, read = storage.current(), list[str]()
    monkeypatch.setattr(store, "get", lambda key, get=store.get: read.append(key) or get(key))

    packed = assets.archive(sqlite_owner, [view.id for view in views])
    tracemalloc.start()
    for first in packed.pieces:
        assert first.startswith(b"PK")
        break
    assert len(read) == 1
    sent = len(first) + sum(len(piece) for piece in packed.pieces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sent == packed.size > 12 * views[0].bytes
    assert peak < 3 * views[0].bytes
    assert len(read) == 12


def test_an_archive_of_an_unreachable_store_is_refused_before_anything_is_sent(
    sqlite_owner: Actor, vitrine_sqlite: Settings
) -> None:
    mug = upload(sqlite_owner)
    root = vitrine_sqlite.data_dir / "storage"
    root.rename(root.with_name("away"))

    with pytest.raises(StorageUnavailable):
        assets.archive(sqlite_owner, [mug.id])


def test_an_archive_of_nothing_or_of_too_much_is_refused(sqlite_owner: Actor) -> None:
    for ids in ([], [f"ast_{number}" for number in range(501)]):
        with pytest.raises(Invalid):
            assets.archive(sqlite_owner, ids)
