"""What stands beside a product: text and logos, further items, props."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.studio.marketplaces.regions import Mask, Region, regions
from services.studio.marketplaces.scene import SMOOTH, Scene

LETTERS = 3
"""From this many pieces of one height on, a part reads as text."""
TALLEST_LETTER = 0.15
"""Share of the frame's height that a letter may have."""
LEAST_LETTER = 0.008
"""Share of the frame's height that a letter has at least."""
FAINTEST = 8
"""Levels by which a stroke differs from the ground at least."""
ONE_COLOUR = 40
"""Levels by which the colours of two letters may differ."""
LARGEST_LETTER = 0.1
"""Share of the product's area that one letter may have; what is larger is a thing in a row of things."""
LARGEST_MARK = 0.05
"""Share of the frame that a logo may cover; what is larger is a thing."""
CORNER = 0.2
"""A logo stands in a corner: within this share of both sides."""
FLAT, EVEN = 0.85, 6
"""Share of a logo that its two colours cover at least, and by how many levels each may vary."""
SECOND_COLOUR = 0.05
"""Share of a logo that its second colour covers."""
LIKE_ITEM, OTHER_ITEM = 0.25, 0.35
"""Sizes, as a share of the product's, from which a part is a further item: one in its colours, and any other."""
SAME_COLOURS = 0.5
"""How far the colours of two things overlap, 0..1, for them to be of one kind."""


@dataclass(frozen=True)
class Beside:
    """The parts beside a product, each in one of three heaps."""

    marks: tuple[Region, ...]
    items: tuple[Region, ...]
    props: tuple[Region, ...]


def sort_out(scene: Scene) -> Beside:
    """Tell what each part beside the product is."""
    pale = [part for part in scene.pale if _reads_as_text(scene, part)]
    written = np.zeros(scene.ink.shape, bool)
    for part in pale:
        written |= part.mask
    rest = [part for part in scene.beside if not written[part.mask].any()]
    marks = [part for part in rest if _reads_as_text(scene, part) or _is_logo(scene, part)]
    marks += _letters(scene, [part for part in rest if part.number not in _numbers(marks)])
    rest = [part for part in rest if part.number not in _numbers(marks)]
    marks += [part for part in rest if any(part.area < mark.area and _gap(part, mark) <= mark.height for mark in marks)]
    rest = [part for part in rest if part.number not in _numbers(marks)]
    size, own = int(scene.product.sum()), _colours(scene, scene.product)
    items: list[Region] = []
    props: list[Region] = []
    for part in rest:
        share = part.area / max(size, 1)
        alike = float(np.minimum(own, _colours(scene, part.mask)).sum()) >= SAME_COLOURS
        (items if share >= (LIKE_ITEM if alike else OTHER_ITEM) else props).append(part)
    return Beside(tuple(pale + marks), tuple(items), tuple(props))


def _numbers(parts: list[Region]) -> set[int]:
    return {part.number for part in parts}


def _reads_as_text(scene: Scene, part: Region) -> bool:
    """Several pieces of one height, or many strokes side by side in one flat strip."""
    least, tallest = (share * scene.ink.shape[0] for share in (LEAST_LETTER, TALLEST_LETTER))
    if part.height > 2 * tallest and part.area > LARGEST_MARK * scene.ink.size:
        return False
    left, top, right, bottom = part.box
    away = np.abs(scene.rgb[top:bottom, left:right].astype(np.int16) - scene.ground).max(axis=2)
    away[~part.mask[top:bottom, left:right]] = 0
    if not away.any():
        return False
    ink = away > max(FAINTEST, 0.4 * float(np.percentile(away[away > 0], 95)))
    heights = sorted(piece.height for piece in regions(ink, 4))
    tall = [each for each in heights if each >= max(least, 0.45 * heights[-1])]
    if len(tall) >= LETTERS and tall[-1] <= tallest:
        return True
    if not least <= part.height <= tallest or part.width < 1.8 * part.height:
        return False
    middle = ink[ink.shape[0] // 4 : max(ink.shape[0] * 3 // 4, ink.shape[0] // 4 + 1)]
    strokes = (np.diff(np.pad(middle, ((0, 0), (1, 0))).astype(np.int8), axis=1) == 1).sum(axis=1)
    return float(strokes.mean()) >= LETTERS + 0.5


def _letters(scene: Scene, parts: list[Region]) -> list[Region]:
    """Parts that stand together like letters, upright or slanting: of about one height and one colour, closer to the
    next than they are high."""
    tallest, largest = TALLEST_LETTER * scene.ink.shape[0], LARGEST_LETTER * scene.product.sum()
    left = [part for part in parts if part.height <= tallest and part.area <= largest]
    colours = {part.number: np.median(scene.rgb[part.mask & scene.ink], axis=0) for part in left}
    found: list[Region] = []
    while left:
        word = [left.pop()]
        for letter in word:  # grows while it is gone through
            near = [
                part
                for part in left
                if _next_to(letter, part) and np.abs(colours[letter.number] - colours[part.number]).max() <= ONE_COLOUR
            ]
            word += near
            left = [part for part in left if part.number not in _numbers(near)]
        found += word if len(word) >= LETTERS else []
    return found


def _next_to(one: Region, other: Region) -> bool:
    taller, lower = max(one.height, other.height), min(one.height, other.height)
    return taller <= 2.5 * lower and _gap(one, other) <= taller


def _gap(one: Region, other: Region) -> int:
    """How far two boxes are apart, across or down, whichever is more; negative where they overlap."""
    across = max(one.box[0], other.box[0]) - min(one.box[2], other.box[2])
    down = max(one.box[1], other.box[1]) - min(one.box[3], other.box[3])
    return max(across, down)


def _is_logo(scene: Scene, part: Region) -> bool:
    """A small flat mark in a corner of the frame: in two colours, or in one in an upper corner, since a thing may stand
    in a lower one."""
    height, width = scene.ink.shape
    if part.area > LARGEST_MARK * scene.ink.size:
        return False
    x, y = (part.box[0] + part.box[2]) / 2 / width, (part.box[1] + part.box[3]) / 2 / height
    if min(x, 1 - x) > CORNER or min(y, 1 - y) > CORNER:
        return False
    left = scene.rgb[part.mask & scene.ink & (scene.uneven <= SMOOTH)].astype(np.int16)
    total, shares = len(left), list[float]()
    for _ in range(2):
        if len(left):
            levels = left // 16 @ np.array([1, 16, 256])
            names, counts = np.unique(levels, return_counts=True)
            common = np.median(left[levels == names[counts.argmax()]], axis=0)
            rest = left[np.abs(left - common).max(axis=1) > EVEN]
            shares.append((len(left) - len(rest)) / total)
            left = rest
    flat = sum(shares) >= FLAT
    return flat and (y < 0.5 or (len(shares) == 2 and shares[1] >= SECOND_COLOUR))


def _colours(scene: Scene, mask: Mask) -> npt.NDArray[np.float64]:
    """The shares of 8 × 8 × 8 colours in what is set."""
    colours = (scene.rgb[mask & scene.ink] // 32).astype(np.int64)
    counts = np.bincount(colours @ np.array([1, 8, 64]), minlength=512).astype(np.float64)
    return np.asarray(counts / max(float(counts.sum()), 1.0), np.float64)
