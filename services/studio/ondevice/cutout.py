"""Cut a product out of its picture on this machine: with a segmentation model where one is installed, else built in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from services.studio.ondevice import alpha_matte, cutout_confidence, model_files, segmentation_model, subject_mask
from services.studio.ondevice.cutout_confidence import CONFIDENCE_THRESHOLD

__all__ = ["CONFIDENCE_THRESHOLD", "Cutout", "cut_out"]

cv2.setNumThreads(min(2, cv2.getNumThreads()))  # a worker is one of several; more threads gain little here
log = logging.getLogger(__name__)

Pixels = npt.NDArray[np.uint8]

SOLVE_AT = 720  # longest side, px
SMALLEST = 16  # shortest side, px: below that there is no border to learn the ground from
TOO_SMALL = "The picture is too small to find a product in it."


@dataclass(frozen=True)
class Cutout:
    """A product freed from its ground.

    alpha: H×W uint8, 255 where the product covers the pixel fully.
    foreground: H×W×3 uint8 sRGB, the product's own colours with the ground's colour removed from its edge.
    confidence: 0..1; below CONFIDENCE_THRESHOLD the result is not charged.
    engine: "built-in" or "rembg:<model>".
    doubts: plain sentences for a shop owner.
    """

    alpha: Pixels
    foreground: Pixels
    confidence: float
    engine: str
    doubts: tuple[str, ...]


def cut_out(
    rgb: Pixels,
    *,
    model_name: str | None = None,
    models_home: Path | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Cutout:
    """Cut the product out of `rgb` (H×W×3 uint8 sRGB).

    model_name: None for the built-in cut-out, "auto" for the default model if its file is in `models_home` and the
    built-in otherwise, or the name of a model that has to be there.
    on_progress: called with shares 0..1 as work proceeds.
    Raises `segmentation_model.ModelRefusedError` or `ModelUnavailableError` for a model that may not or cannot be used.
    """
    progress = on_progress or (lambda share: None)
    if model_name == "auto":
        return _by_model_if_it_works(rgb, models_home, progress)
    if model_name is None:
        return _built_in(rgb, progress)
    return _by_model(rgb, model_name, models_home, progress)


def _by_model_if_it_works(rgb: Pixels, models_home: Path | None, progress: Callable[[float], None]) -> Cutout:
    """Nobody asked for the model by name, so a broken file must not stop the shop: `engine` tells which one ran."""
    model_name = model_files.installed_default(models_home)
    if model_name is None:
        return _built_in(rgb, progress)
    try:
        return _by_model(rgb, model_name, models_home, progress)
    except segmentation_model.ModelUnavailableError as fault:
        log.warning("cut-out without its model: %s", fault.__cause__ or fault)
        return _built_in(rgb, progress)


def _built_in(rgb: Pixels, progress: Callable[[float], None]) -> Cutout:
    height, width = rgb.shape[:2]
    if min(height, width) < SMALLEST:
        return Cutout(np.full((height, width), 255, np.uint8), rgb.copy(), 0.0, "built-in", (TOO_SMALL,))
    scale = min(1.0, SOLVE_AT / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    found = subject_mask.find_subject(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))
    progress(0.5)
    verdict = cutout_confidence.judge(found)
    alpha, foreground = alpha_matte.matte(rgb, found.mask, noise=2.0 * found.ground.spread)
    progress(1.0)
    return Cutout(alpha, foreground, verdict.confidence, "built-in", verdict.doubts)


def _by_model(rgb: Pixels, model_name: str, models_home: Path | None, progress: Callable[[float], None]) -> Cutout:
    if models_home is None:
        raise segmentation_model.ModelUnavailableError("No models folder is set. The built-in cut-out needs no model.")
    alpha = segmentation_model.predict_alpha(rgb, model_name, models_home)
    progress(0.9)
    verdict = cutout_confidence.judge_matte(alpha)
    foreground = alpha_matte.clean_foreground(rgb, alpha)
    progress(1.0)
    return Cutout(alpha, foreground, verdict.confidence, f"rembg:{model_name}", verdict.doubts)
