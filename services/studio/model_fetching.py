"""A worker sees to it that its machine has the cut-out model: fetched once a machine, in the background, and after a
failure tried again in ever longer pauses. For workers only.

The pauses stand in the database, where they count for all workers of the machine and outlast them; tenacity's would be
one process's own.
"""

import logging
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from config import settings
from db.clock import now
from db.models.studio import ModelState
from services.studio import machine_models
from services.studio.machine_models import ModelOnMachine
from services.studio.ondevice import model_files, segmentation_model

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)
_LONGEST_PAUSE = timedelta(hours=6)
_LOOK_EVERY_SECONDS = 60.0  # in case somebody has put the file there meanwhile
_TELL_EVERY_SECONDS = 2.0
_AFTER_FAULT_SECONDS = 30.0


def provide_model(stop: threading.Event) -> None:
    """Fetch the model that the settings want, unless it is here, and load it, so that no job waits for either. Returns
    once it is loaded, where none is wanted, or when `stop` is set."""
    home, wanted = settings().models_dir, settings().wanted_model
    while not stop.is_set():
        try:
            if home is None or wanted is None:
                machine_models.forget_this_machine()
                return
            pause = _provide(model_files.DEFAULT_MODEL if wanted == "auto" else wanted, home)
        except Exception as error:  # noqa: BLE001  the database may be gone for a moment: without it nothing is fetched
            log.warning("cannot look after the cut-out model: %s", error)
            pause = _AFTER_FAULT_SECONDS
        if pause is None:
            return
        stop.wait(pause)


def _provide(model: str, home: Path) -> float | None:
    """Do what can be done now; in how many seconds to look again, None for never."""
    found = machine_models.on_this_machine(model)
    if model_files.model_file(model, home) is not None:
        _load(found, home)
        return None
    if model not in model_files.MODELS:
        _note_absent(found, f"There is no file {model}.onnx in the models folder, and it is none that can be fetched.")
        return _LOOK_EVERY_SECONDS
    if not settings().model_download:
        _note_absent(found, "Downloads are switched off (VITRINE_MODEL_DOWNLOAD).")
        return _LOOK_EVERY_SECONDS
    if (left := _seconds_left(found)) > 0:
        return min(left, _LOOK_EVERY_SECONDS)
    try:
        with model_files.only_one_fetches(home):
            _fetch_if_still_due(model, home)
    except OSError as error:
        _note_failure(model, f"The models folder cannot be written: {error.strerror or error}.", got_further=False)
    return 0.0


def _fetch_if_still_due(model: str, home: Path) -> None:
    """Another worker of this machine may have fetched it, or tried to, while this one waited for its turn."""
    found = machine_models.on_this_machine(model)
    if model_files.model_file(model, home) is not None or _seconds_left(found) > 0:
        return
    started, told = time.monotonic(), _Told(found)
    told(0, None)
    try:
        model_files.fetch(model, home, settings().models_url, told, before_use=_import_engine)
    except model_files.FetchFailed as fault:
        _note_failure(model, str(fault), got_further=fault.got_further)
    else:
        log.info("the cut-out model %s is here, after %.0f s", model, time.monotonic() - started)


def _load(found: ModelOnMachine, home: Path) -> None:
    here = ModelOnMachine(found.hostname, found.model, ModelState.HERE)
    machine_models.note(here)
    try:
        segmentation_model.load(found.model, home)
    except (segmentation_model.ModelRefusedError, segmentation_model.ModelUnavailableError) as fault:
        log.warning("the cut-out model: %s", fault.__cause__ or fault)
        _note_absent(here, str(fault))


def _import_engine() -> None:
    """rembg's first import on a machine compiles for half a minute: before a job can find the model."""
    with suppress(Exception):
        import rembg  # noqa: F401


def _seconds_left(found: ModelOnMachine) -> float:
    return 0.0 if found.try_again_at is None else (found.try_again_at - now()).total_seconds()


def _note_absent(found: ModelOnMachine, problem: str) -> None:
    absent = ModelOnMachine(found.hostname, found.model, ModelState.ABSENT, problem=problem)
    if found != absent:
        machine_models.note(absent)


def _note_failure(model: str, problem: str, *, got_further: bool) -> None:
    """Only the first in a row is a warning. A download that got further begins with the short pauses again."""
    before = machine_models.on_this_machine(model)
    failures = 1 if got_further else before.failures + 1
    pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), _LONGEST_PAUSE)
    machine_models.note(
        replace(before, state=ModelState.ABSENT, failures=failures, problem=problem, try_again_at=now() + pause)
    )
    say = log.debug if before.failures else log.warning
    say("the cut-out model %s could not be fetched, which is tried again later: %s", model, problem)


class _Told:
    """Writes down now and then how far the download is."""

    def __init__(self, found: ModelOnMachine) -> None:
        self._found = replace(found, state=ModelState.FETCHING, try_again_at=None)
        self._next = 0.0

    def __call__(self, received: int, total: int | None) -> None:
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _TELL_EVERY_SECONDS
        with suppress(Exception):  # the database may be gone for a moment: the download goes on
            machine_models.note(replace(self._found, received_bytes=received, total_bytes=total))
