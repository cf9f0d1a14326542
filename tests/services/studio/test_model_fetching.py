"""Workers fetch the cut-out model by themselves, once a machine, and say how it stands."""

import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import db
from config import Settings
from db import clock
from db.models import MachineModel, ModelState
from db.models.engine import Worker
from services import bootstrap
from services.studio import machine_models, model_fetching
from services.studio.machine_models import ModelOnMachine
from services.studio.model_fetching import provide_model
from services.studio.ondevice import segmentation_model
from services.studio.ondevice.model_files import DEFAULT_MODEL, MODELS, Model, model_file
from tests.fakes.model_server import ModelServer, model_server
from tests.support.job_workers import wait_until
from tests.support.redness_model import write_model

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("weights") / "weights.onnx", 1024).read_bytes()


@pytest.fixture(autouse=True)
def published(weights: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default model is a small file here."""
    monkeypatch.setitem(MODELS, DEFAULT_MODEL, Model(f"{DEFAULT_MODEL}.onnx", hashlib.md5(weights).hexdigest()))


@pytest.fixture
def server(weights: bytes) -> Iterator[ModelServer]:
    with model_server(weights) as fake:
        yield fake


def _set_up(before: Settings, server: ModelServer, **values: object) -> Path:
    """This process with the model server; its models folder."""
    own = {"database_url": before.database_url, "data_dir": before.data_dir, "models_url": server.url}
    settings = bootstrap.start(Settings(**(own | {"model_download": True} | values), _env_file=None))  # type: ignore[arg-type, call-arg]
    with db.transaction() as session:
        session.add(
            Worker(id="wrk_1", hostname=socket.gethostname(), pid=1, version="1", concurrency=1, seen_at=clock.now())
        )
    assert settings.models_dir is not None
    return settings.models_dir


def _provide() -> threading.Event:
    """`provide_model` in a thread, as in a worker; set the event to end it."""
    stop = threading.Event()
    threading.Thread(target=provide_model, args=(stop,), daemon=True).start()
    return stop


def _state() -> ModelOnMachine:
    [found] = machine_models.on_machines()
    return found


def test_the_model_is_fetched_loaded_and_said_to_be_here(vitrine: Settings, server: ModelServer) -> None:
    home = _set_up(vitrine, server)
    provide_model(threading.Event())
    assert model_file(DEFAULT_MODEL, home) is not None
    assert (DEFAULT_MODEL, home.resolve()) in segmentation_model._sessions
    assert _state() == ModelOnMachine(socket.gethostname(), DEFAULT_MODEL, ModelState.HERE)
    assert len(server.asked) == 1


def test_the_progress_can_be_read_while_it_comes(
    vitrine_sqlite: Settings, server: ModelServer, weights: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_fetching, "_TELL_EVERY_SECONDS", 0.0)
    server.seconds_a_piece = 0.1
    _set_up(vitrine_sqlite, server)
    _provide()
    wait_until(lambda: machine_models.on_machines() and _state().received_bytes > 20_000, 20, "half of it")
    found = _state()
    assert found.state == ModelState.FETCHING
    assert found.received_bytes < len(weights) == found.total_bytes
    wait_until(lambda: _state().state == ModelState.HERE, 30, "all of it")


def test_switched_off_nothing_is_asked_for(vitrine_sqlite: Settings, server: ModelServer) -> None:
    home = _set_up(vitrine_sqlite, server, model_download=False)
    stop = _provide()
    wait_until(machine_models.on_machines, 20, "the worker to say so")
    assert "VITRINE_MODEL_DOWNLOAD" in _state().problem
    assert server.asked == []
    assert not home.exists()
    stop.set()


def test_the_built_in_cut_out_by_choice_asks_for_nothing(vitrine_sqlite: Settings, server: ModelServer) -> None:
    _set_up(vitrine_sqlite, server, cutout_model="built-in")
    provide_model(threading.Event())
    assert server.asked == []
    assert machine_models.on_machines() == ()


def test_a_file_that_is_here_is_not_fetched(vitrine_sqlite: Settings, server: ModelServer) -> None:
    home = _set_up(vitrine_sqlite, server)
    write_model(home / f"{DEFAULT_MODEL}.onnx", 1024)
    provide_model(threading.Event())
    assert server.asked == []
    assert _state().state == ModelState.HERE


def test_a_file_that_cannot_be_loaded_is_not_said_to_be_here_also_after_a_restart(
    vitrine_sqlite: Settings, server: ModelServer
) -> None:
    home = _set_up(vitrine_sqlite, server)
    home.mkdir(parents=True)
    (home / f"{DEFAULT_MODEL}.onnx").write_bytes(b"no network")
    for _start in range(2):
        provide_model(threading.Event())
        assert (_state().state, _state().try_again_at) == (ModelState.ABSENT, None)
        assert "could not be loaded" in _state().problem


def test_a_refused_download_is_said_once_and_tried_again_in_growing_pauses(
    vitrine_sqlite: Settings, server: ModelServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set_up(vitrine_sqlite, server)
    server.status = 403
    moment = clock.now()
    monkeypatch.setattr(model_fetching, "now", lambda: moment)
    pauses = []
    with caplog.at_level(logging.WARNING):
        for attempt in range(1, 13):
            assert model_fetching._provide(DEFAULT_MODEL, vitrine_sqlite.data_dir / "models") == 0.0
            assert model_fetching._provide(DEFAULT_MODEL, vitrine_sqlite.data_dir / "models"), "asked before its time"
            found = _state()
            assert (found.state, found.failures, len(server.asked)) == (ModelState.ABSENT, attempt, attempt)
            assert found.try_again_at is not None
            pauses.append(found.try_again_at - moment)
            moment = found.try_again_at
    assert found.problem == "127.0.0.1 answered with error 403."
    assert pauses[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert pauses[-1] == timedelta(hours=6)
    assert len([record for record in caplog.records if "could not be fetched" in record.message]) == 1


def test_a_connection_that_breaks_off_again_and_again_still_brings_the_file_in_short_pauses(
    vitrine_sqlite: Settings, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_fetching, "FIRST_PAUSE", timedelta(milliseconds=10))
    home = _set_up(vitrine_sqlite, server)
    server.cut_after = [40_000] * 6
    provide_model(threading.Event())
    assert model_file(DEFAULT_MODEL, home) is not None
    assert len(server.asked) == 7


def test_a_models_folder_that_cannot_be_written_is_said(vitrine_sqlite: Settings, server: ModelServer) -> None:
    home = _set_up(vitrine_sqlite, server)
    home.parent.mkdir(parents=True, exist_ok=True)
    home.write_text("a file in the folder's place")
    assert model_fetching._provide(DEFAULT_MODEL, home) == 0.0
    assert "models folder cannot be written" in _state().problem
    assert server.asked == []


@pytest.mark.parametrize("allowed", [True, False])
def test_a_file_put_there_by_hand_meanwhile_ends_the_waiting(
    allowed: bool, vitrine_sqlite: Settings, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_fetching, "_LOOK_EVERY_SECONDS", 0.05)
    home = _set_up(vitrine_sqlite, server, model_download=allowed)
    server.status = 404
    _provide()
    wait_until(lambda: machine_models.on_machines() and _state().state == ModelState.ABSENT, 20, "the refusal")
    write_model(home / f"{DEFAULT_MODEL}.onnx", 1024)
    wait_until(lambda: _state().state == ModelState.HERE, 20, "the file to be seen")
    assert len(server.asked) == int(allowed)


def test_machines_without_a_worker_are_forgotten(vitrine: Settings, server: ModelServer) -> None:
    with db.transaction() as session:
        session.add(MachineModel(hostname="long-gone", model=DEFAULT_MODEL, state=ModelState.FETCHING))
    _set_up(vitrine, server)
    assert machine_models.on_machines() == ()
    provide_model(threading.Event())
    with db.snapshot() as session:
        assert session.get(MachineModel, "long-gone") is None
    assert _state().hostname == socket.gethostname()
