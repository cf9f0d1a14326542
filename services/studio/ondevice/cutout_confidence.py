"""How far to trust a built-in cut-out, and why not, in words for a shop owner."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from services.studio.ondevice.arrays import Mask, Pixels
from services.studio.ondevice.subject_mask import SubjectMask

CONFIDENCE_THRESHOLD = 0.5  # below it a result is not charged
CLEARLY_DOUBTED = 0.6

NO_PRODUCT = "No product could be told apart from the background."
BUSY = "The background is busy, so parts of it may remain. A plain background works best."
CROWDED = "The product reaches the edge of the picture, so some of it may be missing."
FAINT_EDGE = "Parts of the product have nearly the same colour as the background, so its edge is a guess."
TRANSPARENT = "The product looks transparent or blends into the background, so its edge is a guess."


@dataclass(frozen=True)
class Verdict:
    """confidence: 0..1. doubts: plain sentences, worst first."""

    confidence: float
    doubts: tuple[str, ...]


def judge(found: SubjectMask) -> Verdict:
    """Score a cut-out by what usually goes wrong: busy ground, unstable mask, weak outline, left-over structure."""
    mask = found.mask
    if not mask.any() or mask.all():
        return Verdict(0.0, (NO_PRODUCT,))

    # Lines in a ground that is not even are things standing there; in an even ground they are the product's own.
    lines = _falling(_faint_structure(found), 0.12, 0.27)
    even = found.ground.spread < 3.0
    scores = {
        BUSY: _falling(found.ground.spread, 2.5, 8.0)
        * _falling(found.ground.unexplained, 0.1, 0.45)
        * (1.0 if even else lines),
        CROWDED: _falling(_border_share(mask), 0.08, 0.5)
        * _falling(_corner_share(mask), 0.3, 0.8)
        * _falling(float(mask.mean()), 0.75, 0.95),
        FAINT_EDGE: _rising(_overlap(found.strict, found.loose), 0.5, 0.85)
        * _rising(_outline_strength(found), 0.3, 0.75),
        TRANSPARENT: lines if even else 1.0,
        NO_PRODUCT: _rising(float(mask.mean()), 0.002, 0.01),
    }
    return _verdict(scores)


def judge_matte(alpha: Pixels) -> Verdict:
    """Score a model's matte (H×W uint8) by itself: a sure model leaves few pixels in between."""
    certain, possible = alpha > 192, alpha > 64
    share = float(certain.mean())
    scores = {
        NO_PRODUCT: _rising(share, 0.002, 0.01),
        CROWDED: _falling(share, 0.85, 0.98),
        FAINT_EDGE: _rising(_overlap(certain, possible), 0.5, 0.9),
    }
    return _verdict(scores)


def _verdict(scores: dict[str, float]) -> Verdict:
    confidence = float(np.prod(list(scores.values()))) ** 0.5
    worst_first = sorted(scores, key=lambda sentence: scores[sentence])
    doubts = [sentence for sentence in worst_first if scores[sentence] < CLEARLY_DOUBTED]
    if confidence < CONFIDENCE_THRESHOLD and not doubts:
        doubts = worst_first[:1]
    return Verdict(confidence, tuple(doubts))


def _outline(mask: Mask) -> Mask:
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0


def _outline_strength(found: SubjectMask) -> float:
    """Share of the outline that runs along a clear step in the picture."""
    steep = cv2.dilate(found.slope, np.ones((3, 3), np.uint8)) > 2.5
    outline = _outline(found.mask)
    return float(steep[outline].mean()) if outline.any() else 0.0


def _faint_structure(found: SubjectMask) -> float:
    """Length of faint lines in what was called ground, over the length of the outline: glass, white on white.

    A line is a thin ridge of slope that goes on for a while; a shadow's slope is broad, noise is short.
    """
    ground = cv2.dilate((found.mask | found.loose).astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    if not ground.any():
        return 0.0
    slope = cv2.GaussianBlur(found.slope, (0, 0), 1.0)
    ridge = slope - cv2.GaussianBlur(found.slope, (0, 0), 5.0)
    noise = float(np.median(np.abs(ridge[ground])))
    lines = (ground & (ridge > max(0.25, 4 * noise))).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(lines)
    reach = np.hypot(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    reach[0] = 0
    length = float(reach[reach > 0.04 * max(found.mask.shape)].sum())
    return length / max(1.0, float(_outline(found.mask).sum()) / 2)


def _overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum()) / max(1.0, float((one | other).sum()))


def _border_share(mask: Mask) -> float:
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _corner_share(mask: Mask) -> float:
    """Share of the picture's corners that were called product: then product and ground may well be mixed up."""
    return float(mask[:: mask.shape[0] - 1, :: mask.shape[1] - 1].mean())


def _falling(value: float, good: float, bad: float) -> float:
    return float(np.clip((bad - value) / (bad - good), 0, 1))


def _rising(value: float, bad: float, good: float) -> float:
    return float(np.clip((value - bad) / (good - bad), 0, 1))
