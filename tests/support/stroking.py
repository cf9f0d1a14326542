"""A hand that corrects a cut-out against its reference matte as a person would: along the middle of what is wrong."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np

GRID = 110  # cells along the longer side
WIDEST = 0.05
Cell = tuple[int, int]


@dataclass(frozen=True)
class Drawn:
    """A stroke: `keep` or `erase`, its width as a share of the longer side, its points as shares of both sides."""

    mode: str
    width: float
    points: list[tuple[float, float]]


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two masks."""
    return float((one & other).sum() / max(1, (one | other).sum()))


def next_stroke(mask: np.ndarray, truth: np.ndarray) -> Drawn:
    """Over as much of what is wrong as one stroke reaches, at most a diagonal long, staying on its own side."""
    missing, too_much = truth & ~mask, mask & ~truth
    keep = missing.sum() > too_much.sum()
    return _along(missing if keep else too_much, truth if keep else ~truth, "keep" if keep else "erase")


def _along(wrong: np.ndarray, side: np.ndarray, mode: str) -> Drawn:
    rows, columns = wrong.shape
    longer = max(rows, columns)
    cell = max(1, longer // GRID)
    size = (max(1, columns // cell), max(1, rows // cell))
    away = cv2.distanceTransform(np.pad(side, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    amount = cv2.resize(wrong.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    for width in (WIDEST, WIDEST / 2, WIDEST / 4, WIDEST / 8):
        allowed = cv2.resize(away, size, interpolation=cv2.INTER_AREA) >= max(1.5, 0.6 * width * longer)
        left = np.where(allowed, amount, 0)
        if left.max() > 0.5:
            break
    reach = max(1, round(width * longer / cell))
    path = _walk(left, allowed, reach, longest=float(np.hypot(*size)))
    points = [((x + 0.5) * cell / columns, (y + 0.5) * cell / rows) for y, x in path]
    return Drawn(mode, width, [(min(1.0, x), min(1.0, y)) for x, y in points])


def _walk(left: np.ndarray, allowed: np.ndarray, reach: int, longest: float) -> list[Cell]:
    """From where most is wrong to the nearest that is left, until the path is long enough."""
    left = left.copy()
    y, x = np.unravel_index(int(cv2.blur(left, (7, 7)).argmax()), left.shape)
    if left[y, x] <= 0:
        y, x = np.unravel_index(int(left.argmax()), left.shape)
    path, length = [(int(y), int(x))], 0.0
    while True:
        y, x = path[-1]
        cv2.circle(left, (x, y), reach, 0, -1)
        way = _way(path[-1], left > 0.5, allowed)
        for at, to in zip([path[-1], *way], way, strict=False):
            length += float(np.hypot(to[0] - at[0], to[1] - at[1]))
            if length > longest:
                return path
            path.append(to)
            cv2.circle(left, (to[1], to[0]), reach, 0, -1)
        if not way:
            return path


def _way(start: Cell, goal: np.ndarray, allowed: np.ndarray) -> list[Cell]:
    """The shortest way over allowed cells to one of the goal; empty if there is none."""
    came: dict[Cell, Cell] = {start: start}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if goal[here]:
            way = []
            while here != start:
                way.append(here)
                here = came[here]
            return way[::-1]
        for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            there = (here[0] + dy, here[1] + dx)
            inside = 0 <= there[0] < goal.shape[0] and 0 <= there[1] < goal.shape[1]
            if inside and allowed[there] and there not in came:
                came[there] = here
                waiting.append(there)
    return []
