"""Segmentation models are loaded by rembg's own code, here from a tiny network that stands for the real weights.

The network calls a pixel product where it is much redder than blue.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from services.studio.ondevice import segmentation_model
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, cut_out
from services.studio.ondevice.model_files import DEFAULT_MODEL, MODELS, OWN_MODELS
from services.studio.ondevice.segmentation_model import ModelRefusedError, ModelUnavailableError
from tests.support.redness_model import write_model

pytestmark = pytest.mark.timeout(900)  # the first import of rembg compiles for minutes on a fresh machine

ROOT = Path(__file__).parents[4]


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

    for name in MODELS.keys() | OWN_MODELS:
        assert sessions[name].is_local(), name
        assert not sessions[name].requires_credentials(), name


def test_a_model_is_loaded_once_and_kept(models_home: Path) -> None:
    write_model(models_home / "u2net_custom.onnx", 320)

    first = segmentation_model.load("u2net_custom", models_home)
    (models_home / "u2net_custom.onnx").unlink()

    assert segmentation_model.load("u2net_custom", models_home) is first


def test_a_named_model_that_is_not_here_is_refused_rather_than_waited_for(models_home: Path) -> None:
    with pytest.raises(ModelUnavailableError, match=r"no file u2netp\.onnx"):
        cut_out(red_square(), model_name="u2netp", models_home=models_home)
    assert list(models_home.iterdir()) == []


def test_the_built_in_cut_out_imports_neither_rembg_nor_numba() -> None:
    code = (
        "import sys, numpy as np; from services.studio.ondevice.cutout import cut_out;"
        "cut_out(np.zeros((64, 64, 3), np.uint8), model_name='auto');"
        "print(sorted({'rembg', 'numba', 'onnxruntime', 'pymatting', 'scipy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
