"""Segmentation models through rembg: named, local, and never one that sends pictures away. Nothing is fetched here.

rembg is imported only when a model is wanted: its first import compiles for half a minute. numba keeps the result
beside the installed package, or where NUMBA_CACHE_DIR says.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.studio.ondevice.model_files import DEFAULT_MODEL, MODELS, OWN_MODELS, model_file

Pixels = npt.NDArray[np.uint8]

THREADS = 2

_loading = threading.Lock()
_sessions: dict[tuple[str, Path], Any] = {}


class ModelRefusedError(ValueError):
    """The named model may not be used here."""


class ModelUnavailableError(RuntimeError):
    """The named model may be used but its file is not here or cannot be loaded."""


def predict_alpha(rgb: Pixels, model_name: str, models_home: Path) -> Pixels:
    """The model's matte (H×W uint8) for `rgb` (H×W×3 uint8 sRGB).

    Raises ModelRefusedError for a model that is not on the list, ModelUnavailableError if it is not here or cannot be
    loaded.
    """
    from PIL import Image

    session = load(model_name, models_home)
    # A model that gives one value everywhere makes rembg divide nothing by nothing: no product, not a fault.
    with np.errstate(invalid="ignore", divide="ignore"):
        [mask, *_] = session.predict(Image.fromarray(rgb))
    return np.asarray(mask, dtype=np.uint8)


def load(model_name: str, models_home: Path) -> Any:
    """A rembg session for a model, kept for the life of the process. Raises as `predict_alpha` does."""
    if model_name not in MODELS.keys() | OWN_MODELS:
        raise ModelRefusedError(f"The model “{model_name}” may not be used here. Choose {DEFAULT_MODEL} instead.")
    home = models_home.resolve()
    with _loading:
        if (model_name, home) not in _sessions:
            _sessions[model_name, home] = _open_session(model_name, home)
        return _sessions[model_name, home]


def _open_session(model_name: str, home: Path) -> Any:
    file = model_file(model_name, home)
    if file is None:  # rembg would fetch it now, while a job waits
        raise ModelUnavailableError(
            f"There is no file {model_name}.onnx in the models folder yet. The built-in cut-out needs no model."
        )
    options = {"model_path": str(file)} if model_name in OWN_MODELS else {}

    import onnxruntime
    from rembg import new_session

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    settings.inter_op_num_threads = 1
    try:
        with _models_kept_in(home):
            return new_session(model_name, sess_opts=settings, providers=["CPUExecutionProvider"], **options)
    except Exception as fault:  # rembg lets the file system's and onnxruntime's own errors through
        message = f"The model “{model_name}” could not be loaded. The built-in cut-out needs no model."
        raise ModelUnavailableError(message) from fault


@contextmanager
def _models_kept_in(home: Path) -> Iterator[None]:
    """rembg takes its folder from the environment alone; U2NET_HOME wins over its other variables."""
    before = os.environ.get("U2NET_HOME")
    os.environ["U2NET_HOME"] = str(home)
    try:
        yield
    finally:
        if before is None:
            del os.environ["U2NET_HOME"]
        else:
            os.environ["U2NET_HOME"] = before
