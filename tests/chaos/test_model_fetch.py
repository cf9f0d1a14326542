"""Worker processes fetch the cut-out model while they work, once for all of them, also when they are killed."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import Settings
from db.models import ModelState
from db.models.jobs import JobStatus
from services.accounts.actor import Actor
from services.jobs import reading, submission
from services.jobs.views import JobView
from services.library import assets
from services.studio import machine_models
from services.studio.ondevice.model_files import DEFAULT_MODEL
from tests.fakes.model_server import ModelServer, model_server
from tests.support.job_pictures import picture, shop_owner
from tests.support.job_workers import WorkerProgram, wait_until
from tests.support.redness_model import write_model

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

CUT = {"steps": [{"op": "remove_background"}]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ModelServer]:
    weights = write_model(tmp_path / "weights.onnx", 1024).read_bytes()
    with model_server(weights, piece=2_000, seconds_a_piece=0.1) as fake:  # a quarter of a minute in all
        yield fake


@contextmanager
def workers(settings: Settings, server: ModelServer, count: int, **environment: str) -> Iterator[list[WorkerProgram]]:
    """So many, for which the server's file is the published one."""
    own = {"VITRINE_CUTOUT_MODEL": "auto", "VITRINE_MODEL_DOWNLOAD": "1", "VITRINE_MODELS_URL": server.url}
    program = ["-m", "tests.support.model_worker", hashlib.md5(server.data).hexdigest()]
    started = [WorkerProgram(settings, program, **(own | environment)) for _ in range(count)]
    try:
        for worker in started:
            worker.wait_until_alive()
        yield started
    finally:
        for worker in started:
            worker.end()


def done(owner: Actor) -> JobView:
    """A photo of the owner's cut out."""
    job = submission.submit(owner, CUT, picture(owner, side=300))
    wait_until(lambda: reading.get_job(owner, job.id).status == JobStatus.SUCCEEDED, 60, "the picture")
    return reading.get_job(owner, job.id)


def engine(owner: Actor, job: JobView) -> object:
    return assets.get_asset(owner, job.result_asset_ids[0]).details["cut_out_by"]


def states() -> list[tuple[str, ModelState]]:
    return [(found.model, found.state) for found in machine_models.on_machines()]


def test_jobs_go_on_while_one_worker_fetches_and_the_next_goes_on_with_it_when_that_one_is_killed(
    vitrine_sqlite: Settings, server: ModelServer
) -> None:
    owner = shop_owner()
    with workers(vitrine_sqlite, server, 1) as [first]:
        wait_until(lambda: server.asked, 60, "the download to begin")
        with workers(vitrine_sqlite, server, 1):
            assert engine(owner, done(owner)) == "built-in"
            assert server.asked == [None]
            assert states() == [(DEFAULT_MODEL, ModelState.FETCHING)]
            first.kill()
            server.seconds_a_piece = 0.0
            wait_until(lambda: states() == [(DEFAULT_MODEL, ModelState.HERE)], 90, "the model")
            assert engine(owner, done(owner)) == f"rembg:{DEFAULT_MODEL}"
    [whole, rest] = server.asked
    assert whole is None
    assert rest is not None


def test_all_killed_in_the_middle_the_next_start_goes_on(vitrine_sqlite: Settings, server: ModelServer) -> None:
    home = vitrine_sqlite.data_dir / "models"
    with workers(vitrine_sqlite, server, 1):
        wait_until(lambda: any(part.stat().st_size > 50_000 for part in home.glob("*.part")), 60, "a part of the file")
    [part] = home.glob("*.part")
    arrived = part.stat().st_size
    server.seconds_a_piece = 0.0
    with workers(vitrine_sqlite, server, 2):
        wait_until(lambda: states() == [(DEFAULT_MODEL, ModelState.HERE)], 90, "the model")
    assert server.asked == [None, f"bytes={arrived}-"]


def test_switched_off_no_worker_asks_for_anything(vitrine_sqlite: Settings, server: ModelServer) -> None:
    owner = shop_owner()
    with workers(vitrine_sqlite, server, 1, VITRINE_MODEL_DOWNLOAD="0"):
        assert engine(owner, done(owner)) == "built-in"
        wait_until(lambda: states() == [(DEFAULT_MODEL, ModelState.ABSENT)], 60, "the worker to say so")
    assert server.asked == []
