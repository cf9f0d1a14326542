"""From a pool's scenes to training batches: each time another crop, turn, colour and camera."""

import math
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.pool import Shard, opened, shards

Picture = NDArray[np.uint8]


class Pool:
    """The scenes of a folder, which may grow; `look_again` notices new shards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[Path, Shard] = {}
        self._scenes: list[tuple[Path, int]] = []
        self.look_again()

    def look_again(self) -> None:
        for path in shards(self.folder):
            if path not in self._open:
                self._open[path] = opened(path)
                self._scenes += [(path, i) for i in range(len(self._open[path]))]

    def __len__(self) -> int:
        return len(self._scenes)

    def scene(self, number: int) -> tuple[Picture, Picture]:
        path, index = self._scenes[number]
        return self._open[path].scene(index)

    def any(self, rng: np.random.Generator) -> tuple[Picture, Picture]:
        return self.scene(int(rng.integers(len(self._scenes))))


def window(coverage: Picture, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """Left, top, width and height of a crop: all, a part, or close round the product and sometimes into it."""
    size = coverage.shape[0]
    if rng.random() < 0.4:
        columns, rows = np.flatnonzero(coverage.max(0) > 127), np.flatnonzero(coverage.max(1) > 127)
        if len(columns) > 12 and len(rows) > 12:
            sides = []
            for found in (columns, rows):
                long = float(np.ptp(found)) + 1
                gaps = [rng.uniform(0.02, 0.5) if rng.random() < 0.88 else -rng.uniform(0, 0.25) for _ in range(2)]
                low, high = max(0.0, found[0] - long * gaps[0]), min(float(size), found[-1] + long * gaps[1])
                sides.append([low, high])
            wide, tall = (high - low for low, high in sides)
            longest = max(wide, tall) / 1.6
            for side in sides:
                if side[1] - side[0] < longest:
                    middle = (side[0] + side[1]) / 2
                    side[0] = min(max(0.0, middle - longest / 2), size - longest)
                    side[1] = side[0] + longest
            if min(side[1] - side[0] for side in sides) > size * 0.2:
                return sides[0][0], sides[1][0], sides[0][1] - sides[0][0], sides[1][1] - sides[1][0]
    share = rng.uniform(0.65, 1.0) if rng.random() < 0.6 else 1.0
    shape = math.exp(rng.uniform(-0.4, 0.4))
    wide, tall = min(size, size * share * shape), min(size, size * share / shape)
    return rng.uniform(0, size - wide), rng.uniform(0, size - tall), wide, tall


def varied(picture: Picture, coverage: Picture, side: int, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """One training pair `side×side` from a scene; what moves the picture moves its coverage alike."""
    left, top, wide, tall = window(coverage, rng)
    angle = rng.uniform(-12, 12) if rng.random() < 0.25 else 0.0
    move = cv2.getRotationMatrix2D((left + wide / 2, top + tall / 2), angle, 1)
    move[0] = (move[0] - np.array([0, 0, left])) * side / wide
    move[1] = (move[1] - np.array([0, 0, top])) * side / tall
    if max(wide, tall) > side * 1.4:  # shrinking by more than a bit: average first, or edges alias
        picture = cv2.GaussianBlur(picture, (0, 0), 0.35 * max(wide, tall) / side)
        coverage = cv2.GaussianBlur(coverage, (0, 0), 0.35 * max(wide, tall) / side)
    how = {"flags": cv2.INTER_LINEAR, "borderMode": cv2.BORDER_REFLECT}
    picture, coverage = (cv2.warpAffine(each, move, (side, side), **how) for each in (picture, coverage))
    if rng.random() < 0.5:
        picture, coverage = picture[:, ::-1], coverage[:, ::-1]
    if rng.random() < 0.04:
        turns = int(rng.integers(1, 4))
        picture, coverage = np.rot90(picture, turns), np.rot90(coverage, turns)
    return _recoloured(np.ascontiguousarray(picture), rng), np.ascontiguousarray(coverage)


def _recoloured(pixels: Picture, rng: np.random.Generator) -> Picture:
    table = np.repeat(np.linspace(0, 1, 256)[:, None], 3, 1)
    if rng.random() < 0.25:
        table = table ** math.exp(rng.uniform(-0.5, 0.5))
    if rng.random() < 0.5:
        table = (table - 0.5) * rng.uniform(0.7, 1.25) + 0.5 + rng.uniform(-0.1, 0.1)
    if rng.random() < 0.35:
        table = table * rng.uniform(0.86, 1.14, 3)
    table = (np.clip(table, 0, 1) * 255 + 0.5).astype(np.uint8)
    pixels = cv2.LUT(pixels, table[None])
    if rng.random() < 0.3:
        grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None].repeat(3, 2)
        keep = 0.0 if rng.random() < 0.25 else rng.uniform(0.2, 1.1)
        pixels = cv2.addWeighted(pixels, keep, grey, 1 - keep, 0)
    side = pixels.shape[0]
    if rng.random() < 0.15:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 1.1))
    if rng.random() < 0.1:
        small = int(side * rng.uniform(0.4, 0.8))
        pixels = cv2.resize(cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA), (side, side))
    if rng.random() < 0.2:
        noise = rng.standard_normal((side, side, 3), np.float32) * rng.uniform(1, 8)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))])[1]
        pixels = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return pixels


def batch(pool: Pool, count: int, side: int, rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Pictures `count×side×side×3` and coverages `count×side×side`."""
    pairs = [varied(*pool.any(rng), side, rng) for _ in range(count)]
    return np.stack([picture for picture, _ in pairs]), np.stack([coverage for _, coverage in pairs])


def edges(coverages: Picture) -> Picture:
    """Where each of `count×side×side` coverages differs within three pixels, and by how much."""
    near = np.ones((7, 7), np.uint8)
    return np.stack([cv2.dilate(each, near) - cv2.erode(each, near) for each in coverages])
