"""How the second of two photographs of one thing lies on the first: shifted, turned and scaled.

On white paper and on black paper a thing looks different everywhere but in one respect: where its sharp lines run. So
what is compared is the strength of the picture's gradient where it stands out from around, and its direction, which has
no sign, from coarse to fine. Each round regresses the first picture on the second and on what a small movement of it
would change (Gauss-Newton with a free gain, which makes it the best correlation; the four parameters of a similarity).
A streak of light shows on black alone and a dark rim on white alone: from the second size on only lines that have one
near them in the other picture count, and those least that still differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from services.studio.ondevice.arrays import Field, Mask, Pixels

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Level:
    """One size at which the pictures are compared: the longest side in pixels, how far lines are blurred, the most
    rounds, whether only lines that both pictures have count, and whether every place near is tried first."""

    side: int
    blur: float
    rounds: int
    shared: bool = True
    search: bool = False


LEVELS = (
    _Level(125, 1.5, 12, shared=False),
    _Level(250, 1.5, 10),
    _Level(500, 1.0, 8, search=True),
    _Level(1000, 1.0, 2),
)
TURNS, REACH, BEST = np.radians(np.arange(-1.5, 1.51, 0.5)), 10, 2  # radians, px, how many of the turns' best places
PER_SIDE = 5.0  # agreement that a place a whole side away has to have more
SETTLED = 0.02  # px by which a corner still moves
FARTHEST, MOST_TURNED, MOST_SCALED = 0.08, 0.09, 0.06  # share of the side, radians (about 5°), share
LEAST_PIXELS = 50
RAN_AWAY, HARDLY_WORSE = 0.05, 0.01  # falls of the agreement
MOST_PIXELS = 20_000
FAINT = 0.3  # strength of a line that counts half: a rim is strong on white and faint on black
NEAR = np.ones((7, 7), np.uint8)


@dataclass(frozen=True)
class Alignment:
    """matrix: 2×3, from a place in the first picture to the same in the second, in pixels of the first.
    agreement: correlation of the two pictures' lines then, -1..1; 0 where one of them has none."""

    matrix: Matrix
    agreement: float


def align(first: Pixels, second: Pixels) -> Alignment:
    """Find what `first` shows in `second`, both H×W×3 uint8 sRGB of one size."""
    largest = max(first.shape[:2])
    sides = [min(level.side, largest) for level in LEVELS]
    compared = _Compared(first, second, LEVELS[0], sides[0])
    found, agreements = [compared.settled(np.eye(2, 3))], [-1.0]
    for level, before, side in zip(LEVELS[1:], sides, sides[1:], strict=False):
        compared = _Compared(first, second, level, side)
        starts = [_resized(one.matrix, side / before) for one in found]
        if level.search:
            starts += [np.eye(2, 3), *compared.searched()]
        found = [max((compared.settled(start) for start in starts), key=compared.likelihood)]
        agreements.append(found[0].agreement)
    return Alignment(_resized(found[0].matrix, largest / sides[-1]), max(agreements))


def lined(picture: Pixels) -> float:
    """Share of a picture that has sharp lines."""
    return float((_lines(_at(picture, min(LEVELS[1].side, max(picture.shape[:2]))))[..., 0] > 0.3).mean())


def enlarged(matrix: Matrix, small: tuple[int, ...], first: tuple[int, ...], second: tuple[int, ...]) -> Matrix:
    """The matrix for pictures of the sizes `first` and `second`, found with both as large as `small`: all are shapes of
    arrays."""
    to_small = np.diag([small[1] / first[1], small[0] / first[0], 1.0])
    to_second = np.diag([second[1] / small[1], second[0] / small[0], 1.0])
    for scale in (to_small, to_second):
        scale[:2, 2] = (scale[[0, 1], [0, 1]] - 1) / 2  # a pixel's place is its middle
    whole: Matrix = (to_second @ np.vstack([matrix, [0, 0, 1]]) @ to_small)[:2]
    return whole


def laid_on(picture: Pixels, matrix: Matrix, size: tuple[int, int]) -> Pixels:
    """The second picture in the first one's frame of `size` (width, height); its edge goes on where it ended."""
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)


def _at(picture: Pixels, side: int) -> Pixels:
    height, width = picture.shape[:2]
    share = side / max(height, width)
    return cv2.resize(
        picture, (max(1, round(width * share)), max(1, round(height * share))), interpolation=cv2.INTER_AREA
    )


def _lines(picture: Pixels) -> Field:
    """Strength and doubled direction of sharp lines, H×W×3 float32: alike for a dark and a bright one."""
    blurred = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.8)
    across, down = _slopes(blurred)
    xx, yy, xy = (_summed(one * other) for one, other in ((across, across), (down, down), (across, down)))
    energy = xx + yy
    strength = np.sqrt(energy)
    grain = float(np.median(strength))
    sharp = np.maximum(strength - cv2.GaussianBlur(strength, (0, 0), 3.0) - 2 * grain, 0)
    strong = sharp / (cv2.GaussianBlur(sharp, (0, 0), 3.0) + 2 * grain + 0.6)
    strong = strong / (strong + FAINT)
    unit = strong / np.maximum(energy, 1e-6)
    return np.dstack([strong, unit * (xx - yy), unit * 2 * xy])


def _summed(channels: Field) -> Field:
    return cv2.transform(channels, np.ones((1, 3), np.float32))


def _slopes(field: Field) -> tuple[Field, Field]:
    return cv2.Sobel(field, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(field, cv2.CV_32F, 0, 1, scale=1 / 8)


class _Compared:
    """Both pictures at one size."""

    def __init__(self, first: Pixels, second: Pixels, level: _Level, side: int) -> None:
        self._level = level
        self._one, self._other = (
            cv2.GaussianBlur(_lines(_at(picture, side)), (0, 0), level.blur) for picture in (first, second)
        )

    @property
    def size(self) -> tuple[int, int]:
        return self._one.shape[1], self._one.shape[0]

    def judged(self, matrix: Matrix) -> Alignment:
        return Alignment(matrix, _agreement(self._one, self._other, matrix))

    def likelihood(self, found: Alignment) -> float:
        """Its agreement, less for a place farther away: a net agrees with itself one mesh further on."""
        width, height = self.size
        middle = np.array([[0.25, 0.25, 0.75, 0.75], [0.25, 0.75, 0.25, 0.75]]) * [[width], [height]]
        moved = found.matrix[:, :2] @ middle + found.matrix[:, 2:] - middle
        return found.agreement - PER_SIDE * float(np.hypot(*moved).mean()) / max(width, height)

    def searched(self) -> list[Matrix]:
        """The best of all places within a few pixels and degrees. A net looks nearly the same one mesh further on, so
        that one way downhill is not enough."""
        one, other = _centred(self._one), _centred(self._other)
        if min(self.size) <= 4 * REACH:
            return []
        both = float(np.linalg.norm(one) * np.linalg.norm(other)) + 1e-6
        away = np.hypot(*np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]) * PER_SIDE / max(self.size)
        places = []
        for angle in TURNS:
            turn = _turned(float(angle), *self.size)
            inner = _warped(other, turn)[REACH:-REACH, REACH:-REACH]
            agreements = cv2.matchTemplate(one, inner, cv2.TM_CCORR) / both
            _, score, _, (x, y) = cv2.minMaxLoc(agreements - away)
            places.append((score, turn @ np.array([[1, 0, REACH - x], [0, 1, REACH - y], [0, 0, 1]])))
        places.sort(key=lambda place: -place[0])
        return [matrix for _, matrix in places[:BEST]]

    def settled(self, start: Matrix) -> Alignment:
        """The place near `start` at which the pictures agree best, or the last one that is hardly worse: what robustly
        fits may agree a little less."""
        best = last = self.judged(start)
        for _ in range(self._level.rounds):
            matrix = _moved(self._one, self._other, last.matrix, self._level.shared)
            if matrix is None or not _likely(matrix, self.size):
                break
            still = _corner_moves(last.matrix, matrix, self.size)
            last = self.judged(matrix)
            best = max(best, last, key=lambda one: one.agreement)
            if still < SETTLED or last.agreement < best.agreement - RAN_AWAY:
                break
        return best if last.agreement < best.agreement - HARDLY_WORSE else last


def _moved(one: Field, other: Field, matrix: Matrix, shared: bool) -> Matrix | None:
    """The matrix after one round; None where there is nothing to go by."""
    there = _warped(other, matrix)
    chosen = _compared(one[..., 0], there[..., 0], shared)
    rows, columns = np.nonzero(chosen)
    if len(rows) < LEAST_PIXELS:
        return None
    every = 1 + len(rows) // MOST_PIXELS
    rows, columns = rows[::every], columns[::every]
    height, width = one.shape[:2]
    reach, middle_x, middle_y = max(height, width) / 2, width / 2, height / 2
    x = ((columns - middle_x) / reach).astype(np.float32)[:, None]
    y = ((rows - middle_y) / reach).astype(np.float32)[:, None]
    across, down = (slope[rows, columns] for slope in _slopes(there))
    terms = np.stack([there[rows, columns], across, down, across * x + down * y, down * x - across * y], axis=-1)
    wanted = one[rows, columns]
    gain, *moves = _regressed(
        (terms - terms.mean(axis=0)).reshape(-1, 5).astype(np.float64),
        (wanted - wanted.mean(axis=0)).reshape(-1).astype(np.float64),
        robust=shared,
    )
    if gain <= 1e-3:
        return None
    right, down_by, scale, turn = np.array(moves) / gain
    scale, turn = scale / reach, turn / reach
    to_right, to_bottom = right - scale * middle_x + turn * middle_y, down_by - turn * middle_x - scale * middle_y
    moved: Matrix = matrix @ np.array([[1 + scale, -turn, to_right], [turn, 1 + scale, to_bottom], [0, 0, 1]])
    return moved


def _compared(one: Field, there: Field, shared: bool) -> Mask:
    """Which pixels count: those with a line in one picture, or with lines of both pictures near."""
    lined: Mask = (one > 0.02) | (there > 0.02)
    if shared:
        lined &= (cv2.dilate(one, NEAR) > 0.1) & (cv2.dilate(there, NEAR) > 0.1)
    return lined


def _regressed(terms: Field, wanted: Field, *, robust: bool) -> Field:
    """Least squares; if `robust`, what fits badly counts less and less."""
    found = _solved(terms, terms, wanted)
    for _ in range(2 if robust else 0):
        missed = np.abs(wanted - terms @ found)
        weighed = terms / (1 + (missed / (1.5 * np.median(missed) + 1e-6)) ** 2)[:, None]
        found = _solved(weighed, terms, wanted)
    return found


def _solved(weighed: Field, terms: Field, wanted: Field) -> Field:
    solution: Field = np.linalg.lstsq(weighed.T @ terms + 1e-9 * np.eye(5), weighed.T @ wanted, rcond=None)[0]
    return solution


def _warped(lines: Field, matrix: Matrix) -> Field:
    height, width = lines.shape[:2]
    return cv2.warpAffine(lines, matrix, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def _centred(lines: Field) -> Field:
    return lines - np.array(cv2.mean(lines)[:3], np.float32)


def _agreement(one: Field, other: Field, matrix: Matrix) -> float:
    there = _warped(other, matrix)
    there, one = _centred(there), _centred(one)
    both = (there.ravel() @ there.ravel()) * (one.ravel() @ one.ravel())
    return float(there.ravel() @ one.ravel() / np.sqrt(both)) if both > 0 else 0.0


def _likely(matrix: Matrix, size: tuple[int, int]) -> bool:
    """Whether somebody who tried not to move the camera can have moved it so far."""
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    turn = float(np.arctan2(matrix[1, 0], matrix[0, 0]))
    middle = np.array([size[0] / 2, size[1] / 2])
    moved = matrix[:, :2] @ middle + matrix[:, 2] - middle
    far = float(np.hypot(*moved)) / max(size)
    return abs(scale - 1) < MOST_SCALED and abs(turn) < MOST_TURNED and far < FARTHEST


def _corner_moves(before: Matrix, after: Matrix, size: tuple[int, int]) -> float:
    corners = np.array([[0, 0, 1], [size[0], 0, 1], [0, size[1], 1], [size[0], size[1], 1]], float).T
    return float(np.abs((after - before) @ corners).max())


def _turned(angle: float, width: int, height: int) -> Matrix:
    return np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), float(np.degrees(angle)), 1.0), np.float64)


def _resized(matrix: Matrix, share: float) -> Matrix:
    resized = matrix.copy()
    resized[:, 2] *= share
    return resized
