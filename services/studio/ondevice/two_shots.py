"""The pixels of Glass, mesh and lace: a thing cut out of two photos of it, on white and on black paper."""

import cv2
import numpy as np

from services.studio.ondevice import backdrop, shot_alignment, shot_confidence, shot_matte, shot_papers
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.refusals import NoSubject, Refusal
from services.studio.ondevice.work import Pixels, Work

CUT_OUT_BY = "two photos"
ALIGNED_AT, PAPERS_AT = 1000, 640
"""Longest sides in pixels at which the two are laid on each other, and at which the papers are learnt."""
SMALLEST = 64
SAME_SHAPE = 0.02


class NotAsTaken(Refusal):
    """One of the two has no paper any more."""

    message = "One of the two photos has transparent parts. Use both as they came from the camera, with their paper."


class OtherShape(Refusal):
    """The two cannot have been taken alike."""

    code = "photos_differ"
    message = (
        "The two photos have different shapes. Take both with the same camera, held the same way, and do not crop them."
    )


class TooSmall(Refusal):
    """There is too little to lay on each other."""

    message = "One of the two photos is too small. Use photos of at least 64 pixels a side."


class BlackMissing(Refusal):
    """The recipe names a picture that the caller did not bring."""

    message = "The photo on black paper could not be found. Choose it again."


def apply(canvas: Canvas, work: Work, *, on_black: str) -> Canvas:
    """Cut out what both the canvas and the picture `on_black` show, in the canvas' frame; which of them has the white
    paper is seen."""
    if on_black not in work.pictures:
        raise BlackMissing
    first, other = canvas.rgb, Canvas.of(work.pictures[on_black])
    second = other.rgb
    if canvas.alpha is not None or other.alpha is not None:
        raise NotAsTaken
    if min(*first.shape[:2], *second.shape[:2]) < SMALLEST:
        raise TooSmall
    if abs(np.log((first.shape[1] / first.shape[0]) / (second.shape[1] / second.shape[0]))) > SAME_SHAPE:
        raise OtherShape
    small = _reduced(first, ALIGNED_AT)
    like_small = _resized(second, small.shape[1], small.shape[0])
    swapped = shot_papers.brightness(small) < shot_papers.brightness(like_small)
    shot_confidence.require_papers(small, like_small)
    alignment = shot_alignment.align(small, like_small)
    work.report(0.4)
    moved = shot_alignment.laid_on(like_small, alignment.matrix, (small.shape[1], small.shape[0]))
    white, black = (_reduced(one, PAPERS_AT) for one in ((moved, small) if swapped else (small, moved)))
    papers = shot_papers.find_papers(white, black)
    verdict = shot_confidence.judge(white, black, papers, alignment.agreement)
    work.report(0.7)
    matrix = shot_alignment.enlarged(alignment.matrix, small.shape, first.shape, second.shape)
    alpha, colour = shot_matte.solve(shot_matte.Shots(first, second, matrix, swapped), papers)
    if backdrop.extent(alpha, shot_confidence.VISIBLE) is None:
        raise NoSubject
    work.sure(verdict.confidence, CUT_OUT_BY)
    work.doubt(*verdict.doubts)
    work.report(1.0)
    return Canvas(colour, alpha, is_cut_out=True, registration=canvas.registration)


def _reduced(picture: Pixels, side: int) -> Pixels:
    height, width = picture.shape[:2]
    share = side / max(height, width)
    return picture if share >= 1 else _resized(picture, round(width * share), round(height * share))


def _resized(picture: Pixels, width: int, height: int) -> Pixels:
    return np.asarray(cv2.resize(picture, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA), np.uint8)
