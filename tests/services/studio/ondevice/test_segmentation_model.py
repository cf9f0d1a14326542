"""Segmentation models are loaded by rembg's own code, here from a tiny network that stands for the real weights.

The network calls a pixel product where it is much redder than blue.
"""

from __future__ import annotations

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from services.studio.ondevice import segmentation_model
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, cut_out
from services.studio.ondevice.segmentation_model import (
    ALLOWED_MODELS,
    DEFAULT_MODEL,
    OWN_MODELS,
    ModelRefusedError,
    ModelUnavailableError,
)

pytestmark = pytest.mark.timeout(900)  # the first import of rembg compiles for minutes on a fresh machine

ROOT = Path(__file__).parents[4]


def write_model(path: Path, side: int) -> Path:
    """A one-channel mask of side×side: steep sigmoid of (red - blue), in the shape rembg's sessions expect.

    Padded to 300 kB, so that a download of it takes many reads.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.zeros((1, 3, 1, 1), np.float32)
    weights[0, :, 0, 0] = (6.0, 0.0, -6.0)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["input.1", "weights", "bias"], ["score"]),
            helper.make_node("Sigmoid", ["score"], ["mask"]),
        ],
        "redness",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, side, side])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.float32([-6.0]), "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    helper.set_model_props(model, {"padding": "x" * 300_000})
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))
    return path


def red_square(size: int = 400) -> np.ndarray:
    picture = np.full((size, size, 3), 240, np.uint8)
    picture[100:300, 100:300] = (200, 20, 20)
    return picture


@pytest.fixture
def models_home(tmp_path: Path) -> Path:
    home = tmp_path / "models home"
    home.mkdir()
    return home


def test_an_own_model_in_the_models_folder_cuts_the_product_out(models_home: Path) -> None:
    write_model(models_home / "u2net_custom.onnx", 320)

    result = cut_out(red_square(), model_name="u2net_custom", models_home=models_home)

    assert result.engine == "rembg:u2net_custom"
    assert result.alpha[200, 200] > 250
    assert result.alpha[20, 20] < 5
    assert result.confidence >= CONFIDENCE_THRESHOLD
    assert np.abs(result.foreground[150:250, 150:250].astype(int) - (200, 20, 20)).max() <= 1


def test_a_model_that_finds_nothing_is_not_trusted(models_home: Path) -> None:
    write_model(models_home / "u2net_custom.onnx", 320)

    result = cut_out(np.full((200, 300, 3), 240, np.uint8), model_name="u2net_custom", models_home=models_home)

    assert result.confidence < CONFIDENCE_THRESHOLD
    assert result.doubts


def test_auto_takes_the_default_model_where_its_file_lies(models_home: Path) -> None:
    assert cut_out(red_square(), model_name="auto", models_home=models_home).engine == "built-in"
    write_model(models_home / "models" / DEFAULT_MODEL / f"{DEFAULT_MODEL}.onnx", 1024)

    assert cut_out(red_square(), model_name="auto", models_home=models_home).engine == f"rembg:{DEFAULT_MODEL}"


def test_auto_falls_back_to_the_built_in_cut_out_if_the_file_is_broken(models_home: Path) -> None:
    (models_home / f"{DEFAULT_MODEL}.onnx").write_bytes(b"half a download")

    assert cut_out(red_square(), model_name="auto", models_home=models_home).engine == "built-in"


def test_a_named_model_with_a_broken_file_says_what_to_do(models_home: Path) -> None:
    (models_home / "u2net_custom.onnx").write_bytes(b"not a network")

    with pytest.raises(ModelUnavailableError, match="built-in cut-out needs no model"):
        cut_out(red_square(), model_name="u2net_custom", models_home=models_home)


def test_an_own_model_that_is_missing_is_named(models_home: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"dis_custom\.onnx"):
        cut_out(red_square(), model_name="dis_custom", models_home=models_home)


def test_a_model_without_a_models_folder_is_unavailable() -> None:
    with pytest.raises(ModelUnavailableError, match="No models folder"):
        cut_out(red_square(), model_name=DEFAULT_MODEL)


@pytest.mark.parametrize("name", ["withoutbg", "atlascloud", "bria-rmbg", "sam", "u2net_cloth_seg", "", "../u2net"])
def test_models_that_upload_pictures_or_may_not_be_used_are_refused(name: str, models_home: Path) -> None:
    with pytest.raises(ModelRefusedError, match=DEFAULT_MODEL):
        cut_out(red_square(), model_name=name, models_home=models_home)


def test_every_model_on_the_list_is_known_to_rembg_and_runs_on_this_machine() -> None:
    from rembg.sessions import sessions

    for name in ALLOWED_MODELS | OWN_MODELS:
        assert sessions[name].is_local(), name
        assert not sessions[name].requires_credentials(), name


def test_a_model_is_loaded_once_and_kept(models_home: Path) -> None:
    write_model(models_home / "u2net_custom.onnx", 320)

    first = segmentation_model.load("u2net_custom", models_home)
    (models_home / "u2net_custom.onnx").unlink()

    assert segmentation_model.load("u2net_custom", models_home) is first


def test_the_first_use_downloads_the_weights_into_the_models_folder_with_progress(
    models_home: Path, weights_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    retrieve = pooch.retrieve
    monkeypatch.setattr(pooch, "retrieve", lambda url, *rest, **options: retrieve(weights_server, *rest, **options))
    monkeypatch.setenv("MODEL_CHECKSUM_DISABLED", "1")
    seen: list[float] = []

    result = cut_out(red_square(), model_name=DEFAULT_MODEL, models_home=models_home, on_progress=seen.append)

    assert result.engine == f"rembg:{DEFAULT_MODEL}"
    assert (models_home / "models" / DEFAULT_MODEL / f"{DEFAULT_MODEL}.onnx").is_file()
    assert segmentation_model.installed_default(models_home) == DEFAULT_MODEL
    assert seen == sorted(seen)
    assert any(0 < share < 0.8 for share in seen)
    assert seen[-1] == 1.0


def test_a_download_that_fails_says_so_and_leaves_nothing_behind(
    models_home: Path, weights_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    retrieve = pooch.retrieve
    missing = weights_server + ".gone"
    monkeypatch.setattr(pooch, "retrieve", lambda url, *rest, **options: retrieve(missing, *rest, **options))

    with pytest.raises(ModelUnavailableError, match="could not be loaded"):
        cut_out(red_square(), model_name=DEFAULT_MODEL, models_home=models_home)

    assert segmentation_model.installed_default(models_home) is None


def test_weights_that_are_not_the_published_ones_are_not_used(
    models_home: Path, weights_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    retrieve = pooch.retrieve
    monkeypatch.setattr(pooch, "retrieve", lambda url, *rest, **options: retrieve(weights_server, *rest, **options))

    with pytest.raises(ModelUnavailableError):
        cut_out(red_square(), model_name=DEFAULT_MODEL, models_home=models_home)

    assert segmentation_model.installed_default(models_home) is None


def test_the_built_in_cut_out_imports_neither_rembg_nor_numba() -> None:
    code = (
        "import sys, numpy as np; from services.studio.ondevice.cutout import cut_out;"
        "cut_out(np.zeros((64, 64, 3), np.uint8), model_name='auto');"
        "print(sorted({'rembg', 'numba', 'onnxruntime', 'pymatting', 'scipy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def weights_server(tmp_path: Path) -> Iterator[str]:
    """A real HTTP server that offers the tiny network."""
    model = write_model(tmp_path / "www" / "weights.onnx", 1024)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(model.parent))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/weights.onnx"
        server.shutdown()
        thread.join()
