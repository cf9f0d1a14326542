"""Measure a run: `python -m training.evaluate RUN [--scenes 400] [--photographs FOLDER]`.

Scenes are drawn afresh of families the training never draws, a quarter each on plain grounds, in rooms, white on white
and of glass. A folder of photographs holds `NAME.ref.png` mattes beside them: an examination, never a guide.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.export import loaded
from training.network import Network
from training.objects import HELD_OUT, TRAINED
from training.pool import MEASURED
from training.scene import draw_next

SEEDS = 990_000_000_000
NAMES = ("plain", "room", "white on white", "glass")
Matte = NDArray[np.float32]
Cut = Callable[[NDArray[np.uint8]], Matte]


@dataclass(frozen=True)
class Score:
    """One picture: IoU of the coverages at one half, and mean absolute errors to coverage and to true alpha."""

    group: str
    iou: float
    coverage_error: float
    alpha_error: float


def overlap(found: Matte, truth: Matte) -> float:
    """Intersection over union at one half; 1 where both are empty."""
    a, b = found > 0.5, truth > 0.5
    either = int((a | b).sum())
    return float((a & b).sum() / either) if either else 1.0


@torch.no_grad()
def predict(network: Network, picture: NDArray[np.uint8], side: int) -> Matte:
    """The coverage `side×side` that the network gives for a picture `h×w×3` RGB, shrunk to that size."""
    small = np.ascontiguousarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA))
    device = next(network.parameters()).device
    found = network(torch.from_numpy(small).to(device).permute(2, 0, 1)[None].float() / 255)
    return found[0, 0].cpu().numpy()


def cutter(run: Path, side: int) -> Cut:
    """The network alone: shrink, predict, enlarge."""
    network = loaded(run)

    def cut(picture: NDArray[np.uint8]) -> Matte:
        found = predict(network, picture, side)
        return np.clip(cv2.resize(found, picture.shape[1::-1], interpolation=cv2.INTER_CUBIC), 0, 1)

    return cut


def on_scenes(cut: Cut, count: int, side: int) -> list[Score]:
    """Scores on `count` new scenes of `side` by `side`."""
    scores: list[Score] = []
    seed = SEEDS
    for number in range(count):
        group = number % len(MEASURED)
        seed, scene = draw_next(seed, HELD_OUT, TRAINED, MEASURED[group], (side, side))
        found = cut(scene.picture)
        errors = (float(np.abs(found - truth).mean()) for truth in (scene.coverage, scene.alpha))
        scores.append(Score(NAMES[group], overlap(found, scene.coverage), *errors))
    return scores


def on_photographs(cut: Cut, folder: Path) -> dict[str, float]:
    """IoU with each photograph's reference matte, by name."""
    scores = {}
    for reference in sorted(folder.glob("*.ref.png")):
        photograph = reference.with_name(reference.name.replace(".ref.png", ".jpg"))
        picture = cv2.imread(str(photograph), cv2.IMREAD_COLOR)[..., ::-1]
        matte = cv2.imread(str(reference), cv2.IMREAD_UNCHANGED)
        matte = matte[..., -1] if matte.ndim == 3 else matte
        truth = cv2.resize(matte, picture.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        scores[photograph.stem] = overlap(cut(np.ascontiguousarray(picture)), truth)
    return scores


def summary(scores: list[Score]) -> dict[str, dict[str, float]]:
    """Median and mean IoU and mean errors, for each group and over all."""
    groups = {"all": scores} | {name: [s for s in scores if s.group == name] for name in NAMES}
    return {
        name: {
            "pictures": len(group),
            "iou_median": round(float(np.median([s.iou for s in group])), 4),
            "iou_mean": round(float(np.mean([s.iou for s in group])), 4),
            "coverage_error": round(float(np.mean([s.coverage_error for s in group])), 4),
            "alpha_error": round(float(np.mean([s.alpha_error for s in group])), 4),
        }
        for name, group in groups.items()
        if group
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--side", type=int, default=384, help="what the network sees")
    parser.add_argument("--scenes", type=int, default=400)
    parser.add_argument("--drawn", type=int, default=1414, help="side of a drawn scene; 1414 is 2 MP")
    parser.add_argument("--photographs", type=Path, action="append", default=[])
    asked = parser.parse_args()
    cut = cutter(asked.run, asked.side)
    report: dict[str, Any] = {}
    if asked.scenes:
        report["scenes"] = summary(on_scenes(cut, asked.scenes, asked.drawn))
    for folder in asked.photographs:
        scores = on_photographs(cut, folder)
        report[folder.name] = {
            "mean": round(float(np.mean(list(scores.values()))), 4),
            "at_least_0.9": sum(score >= 0.9 for score in scores.values()),
            "each": {name: round(score, 3) for name, score in scores.items()},
        }
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
