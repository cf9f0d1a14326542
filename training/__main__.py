"""Make the model from nothing: `python -m training FOLDER`, which `make train` runs. Killed, it goes on where it was.

Pictures to draw with are fetched, scenes are drawn by all cores but one while the network trains on those there are,
and FOLDER/cutout.onnx is written at the end, beside the checkpoint and the curve.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import torch

from training.export import export, loaded
from training.fetch import fetch_missing
from training.pool import fill, shards
from training.train import Plan, train


def _drawers(pool: Path, scenes: int) -> list[subprocess.Popen[bytes]]:
    count = max(1, (os.cpu_count() or 2) - 1)
    command = [sys.executable, "-m", "training.pool", str(pool), str(scenes), "--workers", str(count)]
    return [subprocess.Popen([*command, "--worker", str(number)]) for number in range(count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scenes", type=int, default=60_000)
    parser.add_argument("--pictures", type=int, default=1_500_000)
    parser.add_argument("--side", type=int, help="one side throughout, in place of the stages")
    asked = parser.parse_args()
    fetch_missing()
    pool, held_out = asked.folder / "pool", asked.folder / "held-out"
    fill(held_out, min(200, asked.scenes), held_out=True)
    drawers = _drawers(pool, asked.scenes)
    try:
        while not shards(pool):
            if all(drawer.poll() for drawer in drawers):
                sys.exit("no scene could be drawn")
            time.sleep(1)
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
        measure_every = min(25_000, asked.pictures)
        plan = Plan(asked.folder, pool, asked.pictures, None, held_out, side=asked.side, measure_every=measure_every)
        train(plan)
    finally:
        for drawer in drawers:
            drawer.terminate()
            drawer.wait()
    difference = export(loaded(asked.folder), asked.folder / "cutout.onnx", asked.side or 384)
    sys.stdout.write(f"{asked.folder / 'cutout.onnx'}: differs from the network by at most {difference:.4f}\n")


if __name__ == "__main__":
    main()
