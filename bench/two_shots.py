"""Two photos of a thing on white and on black paper: the error of alpha on drawn pairs, speed and memory.

The pairs differ by up to 6 pixels, 1° and half a percent of scale at two megapixels, by exposure and white balance, and
have uneven papers, soft shadows, noise and JPEG. Speed and memory are those of the operation alone, in a process of its
own for each size.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from tests.support.two_shot_pairs import KINDS, any_camera, draw_pair

ROOT = Path(__file__).parents[1]
SIZES = {"2mp": (1250, 1600), "12mp": (3000, 4000)}
ROUNDS = 5
SEEDS = range(100, 108)
VISIBLE = 0.004  # alpha from which a pixel counts as the thing's


def measure() -> dict[str, object]:
    """All figures: alpha error by kind and in all, confidence, seconds and megabytes by picture size."""
    figures: dict[str, object] = {}
    for name in SIZES:
        figures |= _timed_apart(name)
    errors, kinds = [], {}
    for kind in KINDS:
        found = [_judged(kind, seed) for seed in SEEDS]
        errors += [one["mae"] for one in found]
        kinds[kind] = {
            "mae_median": round(median(one["mae"] for one in found), 4),
            "mae_worst": round(max(one["mae"] for one in found), 4),
            "mae_inside_median": round(median(one["inside"] for one in found), 4),
            "confidence_least": round(min(one["confidence"] for one in found), 2),
        }
    return figures | {
        "pairs": len(errors),
        "mae_median": round(median(errors), 4),
        "mae_worst": round(max(errors), 4),
        "by_kind": kinds,
    }


def time_one(name: str) -> dict[str, float]:
    """Median seconds and CPU seconds for one size, and this process's peak memory in MB."""
    from services.studio import pipeline

    height, width = SIZES[name]
    pair = draw_pair("glass", 1, any_camera(1, 800), (625, 800))
    white, black = (_grainy(shot, width, height) for shot in (pair.white, pair.black))
    seconds, work = [], []
    for _ in range(ROUNDS):
        started, worked = time.perf_counter(), time.process_time()
        pipeline.run(white, _recipe(), pictures={"ast_2": black}, cutout_model=None)
        seconds.append(time.perf_counter() - started)
        work.append(time.process_time() - worked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        f"seconds_{name}": round(median(seconds), 3),
        f"cpu_seconds_{name}": round(median(work), 3),
        f"peak_mb_{name}": round(peak),
    }


def _recipe() -> Any:
    from services.studio.recipes import parse_recipe

    return parse_recipe({"steps": [{"op": "two_shots", "params": {"on_black": "ast_2"}}]})


def _timed_apart(name: str) -> dict[str, object]:
    code = f"import json; from bench.two_shots import time_one; print(json.dumps(time_one({name!r})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _grainy(shot: Any, width: int, height: int) -> Any:
    """A shot at any size, H×W×4 uint8, with the grain that a photo of that size has."""
    large = cv2.resize(shot, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(1).integers(-2, 3, (height, width, 1), dtype=np.int16)
    grainy = np.clip(large.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    return np.dstack([grainy, np.full((height, width), 255, np.uint8)])


def _judged(kind: str, seed: int) -> dict[str, float]:
    from services.studio import pipeline

    pair = draw_pair(kind, seed, any_camera(seed, max(SIZES["2mp"])), SIZES["2mp"])
    white, black = (np.dstack([shot, np.full(shot.shape[:2], 255, np.uint8)]) for shot in (pair.white, pair.black))
    made = pipeline.run(white, _recipe(), pictures={"ast_2": black}, cutout_model=None)
    off = np.abs(made.pixels[..., 3] / 255 - pair.alpha)
    inside = off[pair.alpha > VISIBLE]
    return {"mae": float(off.mean()), "inside": float(inside.mean()), "confidence": made.confidence or 0.0}


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
