"""Whether two shots are of one thing on white and on black paper, how sure a cut-out of them is, and what to do about
it, in words for a shop owner."""

from __future__ import annotations

import cv2
import numpy as np

from services.studio.ondevice.arrays import Field, Mask, Pixels
from services.studio.ondevice.cutout_confidence import CLEARLY_DOUBTED, CONFIDENCE_THRESHOLD, Verdict
from services.studio.ondevice.refusals import NoSubject, Refusal
from services.studio.ondevice.shot_alignment import lined
from services.studio.ondevice.shot_exposure import as_exposed, strongest
from services.studio.ondevice.shot_papers import Papers, brightness

LEAST_CONTRAST = 70.0  # levels between the papers
SAME, NOT_THE_SAME = 0.58, 0.38  # agreement of the lines
FEW_LINES, FAR_FEWER = 0.016, 0.3  # share of the picture; share of the other shot's lines
LEAST_PAPER = 0.03  # share of the picture
BRIGHTER, IMPOSSIBLE = 20.0, 0.12  # levels; share of the thing that is so much brighter on black paper
VISIBLE = 12  # of 255
UNSEEN_SCORE = 0.8

PAPERS_ALIKE = (
    "The papers behind the product are not far enough apart: give them the same light and use whiter or blacker paper."
)
NOT_PAPER = (
    "What is behind the product is not plain paper everywhere: let the sheet fill the whole picture, without folds."
)
MOVED = "The two photos do not fit everywhere: the product moved between them. Change the paper only, from a tripod."
OTHER_LIGHT = (
    "Parts are brighter on black paper than on white, so the light or the product changed between the two photos. "
    "Change the paper only."
)
UNSEEN = (
    "One of the two photos hardly shows the product, so we could not check that it stood in the same place. Look at "
    "its edges."
)
TO_THE_EDGE = "The product reaches the edge of the picture, so some of it may be missing."


class NotBothPapers(Refusal):
    """The papers are not a light and a dark one."""

    code = "papers_alike"
    message = (
        "One photo has to be on white paper and the other on black, and these two papers are too much alike. Take the "
        "same photo again on the other paper."
    )


class NoPaper(Refusal):
    """There is nothing to learn the papers from."""

    code = "no_paper"
    message = (
        "Hardly any plain paper can be seen around the product. Use larger sheets, so that there is paper on all sides."
    )


class NotTheSame(Refusal):
    """The second photo does not show what the first shows."""

    code = "photos_differ"
    message = (
        "These two photos do not show the same product in the same place. Put the camera on a tripod, leave the "
        "product where it is and change only the paper."
    )


def require_papers(first: Pixels, second: Pixels) -> None:
    """Raises NotBothPapers unless one has a much lighter border than the other."""
    if abs(brightness(first) - brightness(second)) < LEAST_CONTRAST:
        raise NotBothPapers


def judge(white: Pixels, black: Pixels, papers: Papers, agreement: float) -> Verdict:
    """Score a pair whose small pictures (H×W×3 uint8) lie on each other. Raises NoSubject, NoPaper or NotTheSame."""
    thing = ~papers.ground
    if not thing.any():
        raise NoSubject
    if thing.mean() > 1 - LEAST_PAPER:
        raise NoPaper
    fewer, more = sorted((lined(white), lined(black)))
    unseen = fewer < min(FEW_LINES, FAR_FEWER * more) and agreement < SAME
    impossible = _impossible(white, black, papers, thing)
    if not unseen and (agreement < NOT_THE_SAME or (agreement < SAME and impossible > IMPOSSIBLE)):
        raise NotTheSame
    contrast = float(np.median((papers.white - papers.black).mean(axis=2)))
    scores = {
        PAPERS_ALIKE: _rising(contrast, 40, 110),
        NOT_PAPER: _falling(papers.spread, 3.0, 9.0) * _falling(papers.unexplained, 0.15, 0.5),
        MOVED: 1.0 if unseen else _rising(agreement, NOT_THE_SAME, SAME),
        OTHER_LIGHT: _falling(impossible, 0.02, IMPOSSIBLE),
        TO_THE_EDGE: _falling(_border_share(thing), 0.15, 0.6),
        UNSEEN: UNSEEN_SCORE if unseen else 1.0,
    }
    confidence = float(np.prod(list(scores.values()))) ** 0.5
    worst_first = sorted(scores, key=lambda sentence: scores[sentence])
    doubts = [
        sentence for sentence in worst_first if scores[sentence] < CLEARLY_DOUBTED or (sentence == UNSEEN and unseen)
    ]
    if confidence < CONFIDENCE_THRESHOLD and not doubts:
        doubts = worst_first[:1]
    return Verdict(confidence, tuple(doubts))


def _impossible(white: Pixels, black: Pixels, papers: Papers, thing: Mask) -> float:
    """Share of the thing that is brighter on black paper than on white, which no thing is in one light."""
    dark: Field = cv2.blur(as_exposed(black, papers.gains), (5, 5))
    bright = cv2.blur(white.astype(np.float32), (5, 5))
    return float((strongest(dark - bright) > BRIGHTER)[thing].mean())


def _border_share(mask: Mask) -> float:
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())


def _falling(value: float, good: float, bad: float) -> float:
    return float(np.clip((bad - value) / (bad - good), 0, 1))


def _rising(value: float, bad: float, good: float) -> float:
    return float(np.clip((value - bad) / (good - bad), 0, 1))
