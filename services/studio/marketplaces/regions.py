"""Connected regions of a mask, in plain numpy, since the app's process loads no pixel engine."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Labels = npt.NDArray[np.int64]
Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in pixels, right and bottom exclusive."""


@dataclass(frozen=True)
class Region:
    """What hangs together in a mask: its number in `labels`, how many pixels it has, and their box."""

    labels: Labels
    number: int
    area: int
    box: Box

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]

    @cached_property
    def mask(self) -> Mask:
        """Its pixels, in a mask as large as the picture."""
        left, top, right, bottom = self.box
        found = np.zeros(self.labels.shape, bool)
        found[top:bottom, left:right] = self.labels[top:bottom, left:right] == self.number
        return found


def regions(mask: Mask, smallest: int = 1) -> list[Region]:
    """The regions of at least `smallest` pixels, the largest first; pixels that meet at a corner hang together."""
    labels, count = labelled(mask)
    if not count:
        return []
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns]
    areas = np.bincount(numbers, minlength=count + 1)
    low, high = np.full((2, count + 1), max(mask.shape)), np.zeros((2, count + 1), np.int64)
    for axis, places in enumerate((columns, rows)):
        np.minimum.at(low[axis], numbers, places)
        np.maximum.at(high[axis], numbers, places + 1)
    found = [
        Region(
            labels,
            number,
            int(areas[number]),
            (int(low[0, number]), int(low[1, number]), int(high[0, number]), int(high[1, number])),
        )
        for number in range(1, count + 1)
        if areas[number] >= smallest
    ]
    return sorted(found, key=lambda region: -region.area)


def labelled(mask: Mask) -> tuple[Labels, int]:
    """A number for each region, 1 and up, in its pixels and 0 elsewhere, and how many there are."""
    height, width = mask.shape
    line = width + 2  # a gap at each side, so that no run goes on in the next row
    framed = np.zeros((height, line), np.int8)
    framed[:, 1:-1] = mask
    steps = np.diff(framed.ravel(), prepend=np.int8(0))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    if not starts.size:
        return np.zeros(mask.shape, np.int64), 0
    first = np.searchsorted(ends, starts + line, "left")
    last = np.searchsorted(starts, ends + line, "right")
    parent = list(range(starts.size))

    def root(run: int) -> int:
        while parent[run] != run:
            parent[run] = parent[parent[run]]
            run = parent[run]
        return run

    for run, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        for below in range(low, high):
            one, other = root(run), root(below)
            parent[max(one, other)] = min(one, other)
    names, numbers = np.unique(np.array([root(run) for run in range(starts.size)]), return_inverse=True)
    change = np.zeros(height * line, np.int64)
    change[starts] += numbers + 1
    change[ends] -= numbers + 1
    return np.cumsum(change).reshape(height, line)[:, 1:-1], int(names.size)


def box_of(mask: Mask) -> Box:
    """The box around what is set; nothing set gives an empty box."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not columns.size:
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def grown(mask: Mask, by: int) -> Mask:
    """The mask and all that is at most `by` pixels away from it, across and down."""
    for axis in (0, 1):
        room = [(by, by) if each == axis else (0, 0) for each in (0, 1)]
        wide, reach = np.pad(mask, room), 1
        while reach < 2 * by + 1:  # each pixel knows of `reach` from itself on
            step = min(reach, 2 * by + 1 - reach)
            here, ahead = _cut(wide, axis, 0, -step), _cut(wide, axis, step, None)
            wide, reach = here | ahead, reach + step
        mask = wide
    return mask


def _cut(mask: Mask, axis: int, start: int, end: int | None) -> Mask:
    return mask[start:end] if axis == 0 else mask[:, start:end]


def closed(mask: Mask, by: int) -> Mask:
    """The mask with gaps of up to twice `by` pixels bridged."""
    wide = grown(np.pad(mask, 2 * by), by)
    shrunk = ~grown(~wide, by)
    return np.asarray(shrunk[2 * by : -2 * by, 2 * by : -2 * by], bool)


def spanned(mask: Mask) -> Mask:
    """The mask and what lies between its parts both across and down: its holes, not what is beside it."""
    across = np.logical_or.accumulate(mask, 1) & np.logical_or.accumulate(mask[:, ::-1], 1)[:, ::-1]
    down = np.logical_or.accumulate(mask, 0) & np.logical_or.accumulate(mask[::-1], 0)[::-1]
    return np.asarray(across & down, bool)
