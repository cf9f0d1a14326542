"""Scenes on disk, drawn beforehand so that training never waits: `python -m training.pool FOLDER SCENES`.

A shard is two files: the packed pictures one after the other, and where each starts. It appears under its name only
when it is whole, so drawing may be stopped at any moment and goes on at the next shard.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.objects import HELD_OUT, TRAINED
from training.scene import Recipe, draw_next

SHARD = 200
SIDE = 352
HELD_OUT_SEEDS = 900_000_000_000
MEASURED = (Recipe("any", "plain"), Recipe("any", "room"), Recipe("white", "plain"), Recipe("glass", "table"))
"""What the measured scenes show, in turn: plain, rooms, white on white, glass."""
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 94, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]


@dataclass(frozen=True)
class Shard:
    """`bounds` is `scenes×3`: where picture and coverage start, and where the coverage ends."""

    data: NDArray[np.uint8]
    bounds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.bounds)

    def scene(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Picture `h×w×3` RGB and coverage `h×w`, uint8."""
        start, middle, end = (int(bound) for bound in self.bounds[index])
        picture = cv2.imdecode(np.asarray(self.data[start:middle]), cv2.IMREAD_COLOR)[..., ::-1]
        return picture, cv2.imdecode(np.asarray(self.data[middle:end]), cv2.IMREAD_GRAYSCALE)


def shards(folder: Path) -> list[Path]:
    """The whole shards of a pool, by name."""
    return sorted(folder.glob("*.bounds.npy"))


def opened(bounds: Path) -> Shard:
    data = bounds.with_name(bounds.name.replace(".bounds.npy", ".bin"))
    return Shard(np.memmap(data, np.uint8, "r"), np.load(bounds))


def drawn(seed: int, count: int, held_out: bool = False) -> list[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """`count` scenes, packed, from the seeds after `seed`: of the training's mix, or of the measured families."""
    packed: list[tuple[NDArray[np.uint8], NDArray[np.uint8]]] = []
    for number in range(count):
        recipe = MEASURED[number % len(MEASURED)] if held_out else None
        seed, scene = draw_next(seed, HELD_OUT if held_out else TRAINED, TRAINED, recipe, (SIDE, SIDE))
        coverage = (scene.coverage * 255 + 0.5).astype(np.uint8)
        picture = cv2.imencode(".jpg", scene.picture[..., ::-1], QUALITY)[1]
        packed.append((picture.reshape(-1), cv2.imencode(".png", coverage)[1].reshape(-1)))
    return packed


def write(folder: Path, number: int, count: int = SHARD, held_out: bool = False) -> Path:
    """Draw shard `number` and put it into the pool; the bounds come last and make it whole."""
    parts: list[NDArray[np.uint8]] = []
    bounds, end = [], 0
    first = HELD_OUT_SEEDS if held_out else 0
    for picture, coverage in drawn(first + number * 1_000_000, count, held_out):
        bounds.append([end, end + len(picture), end + len(picture) + len(coverage)])
        end = bounds[-1][-1]
        parts += [picture, coverage]
    folder.mkdir(parents=True, exist_ok=True)
    np.concatenate(parts).tofile(folder / f"{number:06d}.bin")
    whole = folder / f"{number:06d}.bounds.npy"
    part = folder / f"{number:06d}.part.npy"
    np.save(part, np.array(bounds, np.int64))
    part.replace(whole)
    return whole


def fill(folder: Path, scenes: int, worker: int = 0, workers: int = 1, held_out: bool = False) -> None:
    """Draw the shards that are missing of a pool of that many scenes; this worker takes each `workers`-th."""
    for number in range(worker, -(-scenes // SHARD), workers):
        if (folder / f"{number:06d}.bounds.npy").exists():
            continue
        start, used, count = time.time(), time.process_time(), min(SHARD, scenes)
        write(folder, number, count, held_out)
        took, cpu = (time.time() - start) / count, (time.process_time() - used) / count
        sys.stdout.write(f"shard {number}: {took:.3f} s a scene, {cpu:.3f} s of CPU\n")
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("scenes", type=int)
    parser.add_argument("--worker", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--held-out", action="store_true")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    fill(asked.folder, asked.scenes, asked.worker, asked.workers, asked.held_out)


if __name__ == "__main__":
    main()
