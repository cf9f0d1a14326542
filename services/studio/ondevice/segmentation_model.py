"""Segmentation models through rembg: named, local, downloaded on first use, and never one that sends pictures away.

rembg is imported only when a model is wanted: its first import compiles for half a minute. numba keeps the result
beside the installed package, or where NUMBA_CACHE_DIR says.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

DEFAULT_MODEL = "isnet-general-use"
# On this machine, one mask a picture, and a licence that lets a shop earn with the result. Left out on purpose:
# atlascloud and withoutbg upload the picture; bria-rmbg (rembg's own default) is for non-commercial use;
# sam wants points to start from; u2net_cloth_seg makes three masks.
ALLOWED_MODELS = frozenset(
    {
        DEFAULT_MODEL,
        "isnet-anime",
        "u2net",
        "u2netp",
        "u2net_human_seg",
        "silueta",
        "birefnet-general",
        "birefnet-general-lite",
        "birefnet-portrait",
        "birefnet-dis",
        "birefnet-hrsod",
        "birefnet-massive",
    }
)
OWN_MODELS = frozenset({"u2net_custom", "dis_custom", "ben_custom"})  # a file the shop brings, never downloaded
THREADS = 2

_loading = threading.Lock()
_sessions: dict[tuple[str, Path], Any] = {}


class ModelRefusedError(ValueError):
    """The named model may not be used here."""


class ModelUnavailableError(RuntimeError):
    """The named model may be used but its file is not here and could not be fetched."""


def installed_default(models_home: Path | None) -> str | None:
    """The default model's name if its file is in `models_home`, else None. Imports nothing heavy."""
    return DEFAULT_MODEL if models_home is not None and model_file(DEFAULT_MODEL, models_home) is not None else None


def model_file(model_name: str, models_home: Path) -> Path | None:
    """Where a model's weights are: rembg's own two places, `models/<name>/<name>.onnx` and `<name>.onnx`."""
    for path in (models_home / "models" / model_name / f"{model_name}.onnx", models_home / f"{model_name}.onnx"):
        if path.is_file():
            return path
    return None


def predict_alpha(
    rgb: Pixels, model_name: str, models_home: Path, on_download: Callable[[float], None] | None = None
) -> Pixels:
    """The model's matte (H×W uint8) for `rgb` (H×W×3 uint8 sRGB).

    on_download: called with shares 0..1 while the weights are fetched on first use.
    Raises ModelRefusedError for a model that is not on the list, ModelUnavailableError if it cannot be loaded.
    """
    from PIL import Image

    session = load(model_name, models_home, on_download)
    # A model that gives one value everywhere makes rembg divide nothing by nothing: no product, not a fault.
    with np.errstate(invalid="ignore", divide="ignore"):
        [mask, *_] = session.predict(Image.fromarray(rgb))
    return np.asarray(mask, dtype=np.uint8)


def load(model_name: str, models_home: Path, on_download: Callable[[float], None] | None = None) -> Any:
    """A rembg session for a model, kept for the life of the process. Raises as `predict_alpha` does."""
    if model_name not in ALLOWED_MODELS | OWN_MODELS:
        raise ModelRefusedError(f"The model “{model_name}” may not be used here. Choose {DEFAULT_MODEL} instead.")
    home = models_home.resolve()
    with _loading:
        if (model_name, home) not in _sessions:
            _sessions[model_name, home] = _open_session(model_name, home, on_download)
        return _sessions[model_name, home]


def _open_session(model_name: str, home: Path, on_download: Callable[[float], None] | None) -> Any:
    options: dict[str, Any] = {}
    if model_name in OWN_MODELS:
        own = model_file(model_name, home)
        if own is None:
            raise ModelUnavailableError(f"There is no file {model_name}.onnx in the models folder.")
        options["model_path"] = str(own)

    import onnxruntime
    import pooch  # type: ignore[import-untyped]
    from rembg import new_session

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    settings.inter_op_num_threads = 1
    try:
        with _models_kept_in(home), _download_reported(pooch, on_download):
            return new_session(model_name, sess_opts=settings, providers=["CPUExecutionProvider"], **options)
    except Exception as fault:  # rembg lets requests', pooch's, the file system's and onnxruntime's own errors through
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


@contextmanager
def _download_reported(pooch: Any, on_download: Callable[[float], None] | None) -> Iterator[None]:
    """rembg asks pooch for a bar on the terminal; pooch also takes any object with a bar's methods, so hand it ours."""
    retrieve = pooch.retrieve

    def retrieve_with_report(*args: Any, **kwargs: Any) -> Any:
        kwargs["progressbar"] = _DownloadReport(on_download) if on_download else False
        return retrieve(*args, **kwargs)

    pooch.retrieve = retrieve_with_report
    try:
        yield
    finally:
        pooch.retrieve = retrieve


@dataclass
class _DownloadReport:
    """Quacks as the tqdm bar that pooch expects: total and updates in bytes."""

    on_download: Callable[[float], None]
    total: int = 0
    done: int = field(default=0, init=False)

    def update(self, count: int) -> None:
        self.done += count
        if self.total:
            self.on_download(min(1.0, self.done / self.total))

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """Nothing to tidy: the last update has already reported the whole."""
