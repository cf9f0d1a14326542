"""Both stores keep the same promises; S3 is spoken over HTTP to a real server process of its own."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

import config
from config import Settings
from services import bootstrap
from services.library import storage
from services.library.storage import ObjectMissing, Storage, StorageUnavailable
from services.library.storage.folder import FolderStorage
from tests.support.postgres import free_port

KEY = "ab/cd/abcd0123-00ff.jpg"


KEY_ID = os.environ.get("AWS_ACCESS_KEY_ID", "key")
SECRET = os.environ.get("AWS_SECRET_ACCESS_KEY", "secret")


@pytest.fixture(scope="module")
def s3_endpoint() -> Iterator[str]:
    """The store that `AWS_ENDPOINT_URL` names (Ceph, MinIO …), with its keys; without it, moto's server."""
    if url := os.environ.get("AWS_ENDPOINT_URL"):
        _make_bucket(url)
        yield url
        return
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    _make_bucket(f"http://{host}:{port}")
    yield f"http://{host}:{port}"
    server.stop()


def _make_bucket(url: str) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=url,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    client.create_bucket(Bucket="pictures")


def s3_settings(endpoint: str, bucket: str = "pictures") -> Settings:
    return Settings(
        storage_url=f"s3://{bucket}/shop",
        s3_endpoint_url=endpoint,
        s3_access_key_id=KEY_ID,
        s3_secret_access_key=SecretStr(SECRET),
        _env_file=None,  # type: ignore[call-arg]
    )


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    if request.param == "s3":
        bootstrap.start(s3_settings(request.getfixturevalue("s3_endpoint")))
    else:
        bootstrap.start(Settings(storage_url=f"file://{tmp_path}/pictures", _env_file=None))  # type: ignore[call-arg]
    yield storage.current()
    bootstrap.stop()
    config.configure(None)


def test_what_was_put_comes_back(store: Storage) -> None:
    store.put(KEY, b"\x00picture\xff" * 1000, "image/jpeg")

    assert store.exists(KEY)
    assert store.get(KEY) == b"\x00picture\xff" * 1000


def test_a_second_put_replaces_the_first(store: Storage) -> None:
    store.put(KEY, b"old and longer", "image/jpeg")
    store.put(KEY, b"new", "image/jpeg")

    assert store.get(KEY) == b"new"


def test_what_is_not_there_is_missing_and_not_an_outage(store: Storage) -> None:
    assert not store.exists("ab/cd/nothing.jpg")
    with pytest.raises(ObjectMissing):
        store.get("ab/cd/nothing.jpg")


def test_deleting_twice_is_no_error(store: Storage) -> None:
    store.put(KEY, b"gone soon", "image/jpeg")
    store.delete(KEY)
    store.delete(KEY)

    assert not store.exists(KEY)


def test_keys_are_listed_once_they_are_old_enough(store: Storage) -> None:
    moment = datetime.now(UTC)
    names = {f"ef/{number:02d}/ef{number:02d}-00ff.jpg" for number in range(5)}
    for name in names:
        store.put(name, b"x", "image/jpeg")

    assert names <= set(store.keys(moment + timedelta(minutes=1)))
    assert names.isdisjoint(store.keys(moment - timedelta(minutes=1)))


def test_removing_unfinished_writes_leaves_the_finished(store: Storage) -> None:
    store.put(KEY, b"whole", "image/jpeg")
    store.remove_unfinished(datetime.now(UTC) + timedelta(minutes=1))

    assert store.get(KEY) == b"whole"


def test_what_a_killed_process_wrote_halfway_is_no_key_and_goes_once_it_is_old(tmp_path: Path) -> None:
    store = FolderStorage(tmp_path)
    store.put(KEY, b"whole", "image/jpeg")
    half = tmp_path / "ab/cd/.part-x1"
    half.write_bytes(b"ha")
    later = datetime.now(UTC) + timedelta(minutes=1)

    assert list(store.keys(later)) == [KEY]
    store.remove_unfinished(later - timedelta(hours=1))
    assert half.exists()
    store.remove_unfinished(later)
    assert not half.exists()
    assert store.get(KEY) == b"whole"


def test_a_folder_that_is_not_there_yet_lists_nothing(tmp_path: Path) -> None:
    assert list(FolderStorage(tmp_path / "later").keys(datetime.now(UTC))) == []


def test_a_store_that_works_passes_its_check(store: Storage) -> None:
    store.check()


@pytest.mark.parametrize(
    "key", ["../secret", "/etc/passwd", "ab/../../x", "a//b", "", "AB/x", "a/.hidden", "a\x00b", "a/"]
)
def test_a_key_can_never_leave_the_store(store: Storage, key: str) -> None:
    with pytest.raises(ValueError, match="storage key"):
        store.put(key, b"x", "image/jpeg")
    with pytest.raises(ValueError, match="storage key"):
        store.get(key)


def test_many_writers_of_one_key_leave_one_whole_file(store: Storage) -> None:
    writers = [
        threading.Thread(target=store.put, args=(KEY, bytes([number]) * 200_000, "image/jpeg")) for number in range(8)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    found = store.get(KEY)
    assert len(found) == 200_000
    assert len(set(found)) == 1


def test_the_folder_keeps_no_half_written_file_after_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FolderStorage(tmp_path)
    store.put(KEY, b"before", "image/jpeg")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageUnavailable):
        store.put(KEY, b"after", "image/jpeg")

    assert store.get(KEY) == b"before"
    assert [path.name for path in (tmp_path / "ab/cd").iterdir()] == [KEY.rsplit("/", 1)[1]]


def test_a_folder_that_cannot_be_made_is_an_outage(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = FolderStorage(tmp_path / "file" / "pictures")

    with pytest.raises(StorageUnavailable):
        store.check()
    with pytest.raises(StorageUnavailable):
        store.put(KEY, b"x", "image/jpeg")


def test_an_s3_service_that_is_down_is_an_outage_that_may_pass() -> None:
    bootstrap.start(s3_settings(f"http://127.0.0.1:{free_port()}"))
    try:
        store = storage.current()
        for attempt in (store.check, lambda: store.get(KEY), lambda: store.put(KEY, b"x", "image/jpeg")):
            with pytest.raises(StorageUnavailable) as caught:
                attempt()
            assert caught.value.retryable
            assert caught.value.status == 503
    finally:
        bootstrap.stop()
        config.configure(None)


def test_a_bucket_that_is_not_there_fails_the_check(s3_endpoint: str) -> None:
    bootstrap.start(s3_settings(s3_endpoint, bucket="absent"))
    try:
        with pytest.raises(StorageUnavailable):
            storage.current().check()
    finally:
        bootstrap.stop()
        config.configure(None)


def test_an_unknown_kind_of_store_is_refused() -> None:
    bootstrap.start(Settings(storage_url="ftp://somewhere", _env_file=None))  # type: ignore[call-arg]
    try:
        with pytest.raises(ValueError, match="VITRINE_STORAGE_URL"):
            storage.current()
    finally:
        bootstrap.stop()
        config.configure(None)


def test_a_missing_folder_is_unreachable_and_not_empty(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "pictures", tmp_path / "elsewhere"
    store = FolderStorage(root)
    store.put(KEY, b"picture", "image/jpeg")
    root.rename(elsewhere)
    with pytest.raises(StorageUnavailable):
        store.get(KEY)
    with pytest.raises(StorageUnavailable):
        store.delete(KEY)
    elsewhere.rename(root)
    assert store.get(KEY) == b"picture"
