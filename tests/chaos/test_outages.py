"""The picture store or the database is away for a while in the middle of the work: nothing is lost or charged twice."""

import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

import config
import db
from config import Settings
from db.migrations.runner import upgrade
from db.models.jobs import JobStatus
from services import bootstrap, credits
from services.engine.slots import Slot
from services.jobs import reading, submission
from services.jobs.run.progress import Tracked
from services.jobs.run.rendering import render
from services.jobs.settlement import Outcome, Start
from services.library import assets, leftovers, storage
from services.library.storage import StorageUnavailable
from tests.support.job_pictures import TINY_ENHANCE, picture, product_photo, shop_owner
from tests.support.job_proofs import assert_every_job_ended_once, ended
from tests.support.job_workers import InlineWorker, running_worker, statuses, wait_until
from tests.support.postgres import PostgresServer, free_port

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


class Bucket:
    """An S3 service that can be switched off and on; its objects outlive that."""

    def __init__(self) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.up()
        self._client = boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            region_name="us-east-1",
        )
        self._client.create_bucket(Bucket="chaos")

    def up(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()

    def down(self) -> None:
        self._server.stop()

    def keys(self) -> set[str]:
        return {found["Key"] for found in self._client.list_objects_v2(Bucket="chaos").get("Contents", ())}


@pytest.fixture
def bucket(sqlite_url: str, tmp_path: Path) -> Iterator[Bucket]:
    """This process set up with SQLite and a bucket."""
    bucket = Bucket()
    bootstrap.start(
        Settings(
            database_url=sqlite_url,
            data_dir=tmp_path / "data",
            storage_url="s3://chaos/shop",
            s3_endpoint_url=bucket.url,
            s3_access_key_id="key",
            s3_secret_access_key=SecretStr("secret"),
            _env_file=None,  # type: ignore[call-arg]
        )
    )
    yield bucket
    bootstrap.stop()
    config.configure(None)
    bucket.down()


class SwitchedOff:
    """Rendering whose bucket goes away at a stage of the first try, and comes back while the job waits."""

    def __init__(self, bucket: Bucket, stage: str) -> None:
        self._bucket, self._stage, self.tries = bucket, stage, 0

    def __call__(self, start: Start, tracked: Tracked, slot: Slot) -> Outcome:
        self.tries += 1
        if self.tries > 1:
            return render(start, tracked, slot)
        report = tracked.report

        def switching(stage: str, share: float) -> None:
            report(stage, share)
            if stage == self._stage and storage.is_reachable():
                self._bucket.down()

        tracked.report = switching  # type: ignore[method-assign]
        if self._stage == "before reading":
            self._bucket.down()
        try:
            return render(start, tracked, slot)
        except StorageUnavailable:
            self._bucket.up()
            raise


@pytest.mark.parametrize("stage", ["before reading", "Storing the result"])
def test_a_bucket_that_goes_away_in_the_middle_loses_nothing_and_charges_once(bucket: Bucket, stage: str) -> None:
    owner = shop_owner()
    photo = picture(owner, side=120)
    before = credits.balance(owner).available
    uploaded = bucket.keys()
    job = submission.submit(owner, TINY_ENHANCE, photo)
    rendering = SwitchedOff(bucket, stage)
    worker = InlineWorker(rendering)
    worker.run_all(retries=1)
    worker.close()

    done = reading.get_job(owner, job.id)
    assert (done.status, done.attempts, rendering.tries) == (JobStatus.SUCCEEDED, 2, 2)
    for asset_id in (photo, *done.result_asset_ids):
        assert assets.content(owner, asset_id, "original").data
    assert len(bucket.keys() - uploaded) == 3, "the first try left nothing behind"
    assert leftovers.sweep_leftovers() == 0
    balance = credits.balance(owner)
    assert (balance.available, balance.held) == (before - 1, 0)
    assert credits.verify_ledger() == []


def test_an_upload_while_the_bucket_is_away_is_refused_in_plain_words_and_works_afterwards(bucket: Bucket) -> None:
    owner = shop_owner()
    bucket.down()
    try:
        with pytest.raises(StorageUnavailable, match="try again"):
            assets.upload(owner, product_photo(), "mug.png")
    finally:
        bucket.up()
    assert assets.list_assets(owner).items == ()
    assert assets.upload(owner, product_photo(), "mug.png").id


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A PostgreSQL that only this test stops and starts."""
    server = PostgresServer()
    yield server
    server.stop()


def test_a_database_that_is_stopped_and_started_twice_loses_nothing_and_charges_once(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    settings = bootstrap.start(
        Settings(database_url=own_server.create_database(), data_dir=tmp_path / "data", _env_file=None)  # type: ignore[call-arg]
    )
    try:
        upgrade()
        owner = shop_owner(credits=20)
        before = credits.balance(owner).available
        photo = picture(owner, side=500)
        count = 12
        with running_worker(settings) as worker:
            submission.submit_many(owner, TINY_ENHANCE, [photo] * count)
            for outage in range(2):
                wait_until(lambda: ended() >= 2 * outage + 1, 90, "jobs to end")  # noqa: B023
                own_server.pause()
                assert not db.is_reachable()
                time.sleep(2.5)
                own_server.resume()
                assert db.is_reachable()
                assert worker.process.poll() is None, "the worker gave up"
            wait_until(lambda: ended() == count, 120, "all jobs to end")
            assert JobStatus.RUNNING not in statuses().values()
            assert worker.drain() == 0
        assert_every_job_ended_once(owner, count, before)
    finally:
        bootstrap.stop()
        config.configure(None)
