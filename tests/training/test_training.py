"""Training itself: what a checkpoint keeps, and the whole way from nothing to an ONNX file."""

import csv
import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.training_pictures import write_stand_ins

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-training" / "bin" / "python"

RESUMES = """
import json, sys
from pathlib import Path
from training.train import Plan, Run, train
folder = Path(sys.argv[1])
plan = lambda pictures: Plan(folder / "run", folder / "pool", pictures, side=64)
first = train(plan(64)).seen
resumed = Run(plan(160))
pairs = zip(train(plan(64)).average.state_dict().values(), resumed.average.state_dict().values())
same = all((a == b).all() for a, b in pairs)
print(json.dumps([first, resumed.seen, bool(same), train(plan(160)).seen]))
"""


def ran(*command: str | Path, cache: Path) -> str:
    environment = {**os.environ, "VITRINE_TRAINING_CACHE": str(cache), "NUMBA_DISABLE_JIT": "0"}
    environment |= {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}  # threads that spin starve other tests
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


@pytest.fixture
def torch_python() -> Path:
    """A Python with PyTorch, where someone who trains has made one: no test fetches what may be gigabytes."""
    if not PYTHON.exists():
        pytest.skip("PyTorch is not here; `make .venv-training/.installed` fetches it")
    return PYTHON


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_minute_of_training_draws_learns_resumes_and_exports(torch_python: Path, tmp_path: Path) -> None:
    cache, folder = tmp_path / "cache", tmp_path / "run"
    write_stand_ins(cache)
    options = ("--scenes", "24", "--side", "64")
    ran(torch_python, "-m", "training", folder, *options, "--pictures", "480", cache=cache)
    ran(torch_python, "-m", "training", folder, *options, "--pictures", "1280", cache=cache)
    with (folder / "curve.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert int(rows[-1]["seen"]) == 1280
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])
    assert float(rows[-1]["held_out_iou"]) > 0.15
    assert 2**20 < (folder / "cutout.onnx").stat().st_size < 12 * 2**20
    report = ran(
        torch_python, "-m", "training.evaluate", folder, "--scenes", "4", "--drawn", "64", "--side", "64", cache=cache
    )
    assert json.loads(report)["scenes"]["all"]["pictures"] == 4


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_resumed_run_has_seen_what_the_first_one_saw(torch_python: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    write_stand_ins(cache)
    ran(torch_python, "-m", "training.pool", tmp_path / "pool", "20", cache=cache)
    said = ran(torch_python, "-c", RESUMES, tmp_path, cache=cache)
    assert json.loads(said.splitlines()[-1]) == [64, 64, True, 160]
