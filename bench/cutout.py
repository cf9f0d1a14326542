"""The built-in cut-out: speed, memory, accuracy, and whether its confidence is low when it is wrong.

Photos with a reference are beside the project (../shared/photos) and are left out where they are absent. Speed and
memory are those of the whole pipeline, cut-out and marketplace preset, in a process of its own for each size.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from bench.synthetic_products import MIX, Composite, composites, draw
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD, cut_out

ROOT = Path(__file__).parents[1]
PHOTOS = ROOT.parent / "shared" / "photos"
REFERENCES = ("girl-1", "car-2")
SIZES = {"2mp": (1600, 1250), "12mp": (4000, 3000)}
ROUNDS = 5
RIGHT = 0.9  # IoU from which a cut-out counts as correct


def measure() -> dict[str, object]:
    """All figures: seconds and megabytes by picture size; IoU, alpha error and confidence against the truth."""
    figures: dict[str, object] = {}
    for name in SIZES:
        figures |= _timed_apart(name)
    figures |= _on_references()
    figures |= _on_composites()
    return figures


def time_one(name: str) -> dict[str, float]:
    """Median seconds of cut-out and preset for one size, and this process's peak memory in MB."""
    from services.studio import pipeline
    from services.studio.recipes import parse_recipe

    recipe = parse_recipe({"steps": [{"op": "background", "params": {"preset": "amazon_main"}}]})
    picture = _photo(*SIZES[name])
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        pipeline.run(picture, recipe, cutout_model=None)
        seconds.append(time.perf_counter() - started)
    alone = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        cut_out(picture[..., :3])
        alone.append(time.perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        f"seconds_{name}": round(median(seconds), 3),
        f"seconds_cutout_alone_{name}": round(median(alone), 3),
        f"peak_mb_{name}": round(peak),
    }


def _timed_apart(name: str) -> dict[str, object]:
    code = f"import json; from bench.cutout import time_one; print(json.dumps(time_one({name!r})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def _photo(width: int, height: int) -> Any:
    """A drawn product at any size, H×W×4 uint8, with the grain a real photo of that size has."""
    small = next(drawn for seed in range(100) if (drawn := draw("plain", seed)).rgb.shape[1] > drawn.rgb.shape[0])
    large = cv2.resize(small.rgb, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(1).integers(-3, 4, (height, width, 1), dtype=np.int16)
    grainy = np.clip(large.astype(np.int16) + noise, 0, 255).astype(np.uint8)
    return np.dstack([grainy, np.full((height, width), 255, np.uint8)])


def _on_references() -> dict[str, object]:
    found = {name: _compare(rgb, alpha) for name, rgb, alpha in _reference_photos()}
    if not found:
        return {"iou_references": None}
    return {
        "iou_references": round(median(iou for iou, _, _ in found.values()), 3),
        "references": {
            name: {"iou": round(iou, 3), "alpha_mae": round(mae, 4), "confidence": round(confidence, 2)}
            for name, (iou, mae, confidence) in found.items()
        },
    }


def _reference_photos() -> Iterator[tuple[str, Any, Any]]:
    for name in REFERENCES:
        photo, reference = PHOTOS / f"{name}.jpg", PHOTOS / f"{name}.u2net.png"
        if not (photo.is_file() and reference.is_file()):
            continue
        picture, cutout = cv2.imread(str(photo)), cv2.imread(str(reference), cv2.IMREAD_UNCHANGED)
        assert picture is not None and cutout is not None
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        alpha = cutout[..., 3] if cutout.ndim == 3 and cutout.shape[2] == 4 else cutout
        yield name, rgb, alpha.astype(np.float32) / 255


def _on_composites() -> dict[str, object]:
    results = [(drawn, *_compare(drawn.rgb, drawn.alpha)) for drawn in composites()]
    ious = np.array([iou for _, iou, _, _ in results])
    confidences = np.array([confidence for _, _, _, confidence in results])
    accepted = confidences >= CONFIDENCE_THRESHOLD
    right = ious >= RIGHT
    return {
        "composites": len(results),
        "iou_synthetic": round(float(np.median(ious)), 3),
        "alpha_mae_synthetic": round(median(mae for _, _, mae, _ in results), 4),
        "confidence_spearman": round(_rank_correlation(ious, confidences), 3),
        "accepted": int(accepted.sum()),
        "accepted_precision": round(float(right[accepted].mean()), 3) if accepted.any() else None,
        "right_that_are_accepted": round(float(accepted[right].mean()), 3) if right.any() else None,
        "by_kind": {kind: _summary(results, kind) for kind in MIX},
    }


def _summary(results: list[tuple[Composite, float, float, float]], kind: str) -> dict[str, float]:
    chosen = [(iou, mae, confidence) for drawn, iou, mae, confidence in results if drawn.kind == kind]
    ious, errors, confidences = zip(*chosen, strict=True)
    return {
        "iou_mean": round(float(np.mean(ious)), 3),
        "iou_median": round(median(ious), 3),
        "alpha_mae_mean": round(float(np.mean(errors)), 4),
        "confidence_mean": round(float(np.mean(confidences)), 2),
    }


def _compare(rgb: Any, truth: Any) -> tuple[float, float, float]:
    """IoU at half coverage, mean absolute error of alpha (0..1), confidence."""
    result = cut_out(rgb)
    found, real = result.alpha > 127, truth > 0.5
    iou = float((found & real).sum() / max(1, (found | real).sum()))
    return iou, float(np.abs(result.alpha / 255 - truth).mean()), result.confidence


def _rank_correlation(one: Any, other: Any) -> float:
    """Spearman's coefficient, with tied values sharing their mean rank."""
    ranks = [_ranks(values) for values in (one, other)]
    if any(rank.std() == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])


def _ranks(values: Any) -> Any:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[place.ravel()]


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
