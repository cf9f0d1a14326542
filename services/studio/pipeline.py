"""Run a recipe on one picture, in memory: pixels in, pixels and a report out. One decode before, one encode after.

Pure but for time: no database, no storage, no network. Imports OpenCV, so only workers and the command line import it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from services.studio import framing, product
from services.studio.canvas import Canvas
from services.studio.ondevice import adjust, enhance, geometry
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD
from services.studio.operations import (
    AdjustParams,
    BackgroundParams,
    CropParams,
    EnhanceParams,
    ResizeParams,
    RotateParams,
    ShadowParams,
    UpscaleParams,
)
from services.studio.recipes import Recipe, Step
from services.studio.rendered import Cancelled, Check, Pixels, Rendered, Stage

__all__ = ["Cancelled", "Check", "Rendered", "Stage", "run"]

Progress = Callable[[str, float], None]

CUT_OUT = "Removing the background"
_STAGES = {
    "enhance": ("Enhancing", 3.0),
    "upscale": ("Enlarging", 3.0),
    "crop": ("Cropping", 1.0),
    "rotate": ("Rotating", 1.0),
    "resize": ("Resizing", 1.0),
    "adjust": ("Adjusting", 1.0),
    "background": ("Placing on the background", 2.0),
    "shadow": ("Adding a shadow", 1.0),
}
_CUT_OUT_WEIGHT = 8.0


@dataclass
class _Run:
    """What one run carries from step to step."""

    canvas: Canvas
    pictures: Mapping[str, Pixels]
    models_home: Path | None
    cutout_model: str | None
    on_progress: Progress
    cancelled: Callable[[], bool]
    total: float
    done: float = 0.0
    detail: Pixels | None = None
    confidence: float | None = None
    doubts: list[str] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)

    def stage(self, name: str, weight: float, work: Callable[[], None]) -> None:
        """Do one stage: report its start and end, time it, and stop before it if the job was called off."""
        self.report(name, 0.0, weight)
        started = time.perf_counter()
        work()
        self.stages.append(Stage(name, time.perf_counter() - started))
        self.done += weight
        self.report(name, 0.0, 0.0)

    def report(self, name: str, share: float, weight: float) -> None:
        if self.cancelled():
            raise Cancelled
        self.on_progress(name, min(1.0, (self.done + share * weight) / self.total))


def run(
    source: Pixels,
    recipe: Recipe,
    *,
    pictures: Mapping[str, Pixels] | None = None,
    models_home: Path | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    cutout_model: str | None = "auto",
) -> Rendered:
    """Make one picture by a recipe.

    source: H×W×4 uint8 sRGB RGBA, upright. pictures: other pictures the recipe names, RGBA by asset id.
    cutout_model: "auto" for the segmentation model if one lies in `models_home`, None for the built-in cut-out.
    on_progress: called with the stage in plain words and the whole run's share done, 0..1.
    Raises Cancelled, and ServiceError subclasses when the picture or the recipe's size make it impossible.
    """
    state = _Run(
        canvas=Canvas.of(source),
        pictures=pictures or {},
        models_home=models_home,
        cutout_model=cutout_model,
        on_progress=on_progress or (lambda stage, share: None),
        cancelled=cancelled or (lambda: False),
        total=_total_weight(recipe),
    )
    steps = merged(recipe.steps)
    for index, step in enumerate(steps):
        _apply(state, step, steps[index + 1] if index + 1 < len(steps) else None)
    canvas = state.canvas
    return Rendered(
        pixels=canvas.pixels(),
        confidence=state.confidence,
        doubts=tuple(dict.fromkeys(state.doubts)),
        checks=_checks(state.confidence),
        stages=tuple(state.stages),
        subject_box=canvas.subject_box,
    )


def merged(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """A shadow step right after a background belongs between background and product: it becomes a part of it."""
    result: list[Step] = []
    for step in steps:
        before = result[-1].params if result else None
        if isinstance(step.params, ShadowParams) and isinstance(before, BackgroundParams):
            grounded = before.model_copy(update={"shadow": step.params.kind, "shadow_strength": step.params.strength})
            result[-1] = Step(op="background", params=grounded)
        else:
            result.append(step)
    return tuple(result)


def _apply(state: _Run, step: Step, following: Step | None) -> None:
    params = step.params
    if step.op == "remove_background":
        target = following.params if following is not None else None
        _cut_out(state, product.size_worth_cutting_at(target) if isinstance(target, BackgroundParams) else None)
        return
    if isinstance(params, BackgroundParams) and state.canvas.alpha is None:
        _cut_out(state, product.size_worth_cutting_at(params))
    name, weight = _STAGES[step.op]
    state.stage(name, weight, lambda: _change(state, step))


def _cut_out(state: _Run, enough: int | None) -> None:
    """Remove the background; a picture that is transparent already keeps its transparency and costs nothing."""
    if state.canvas.alpha is not None:
        return

    def work() -> None:
        cut = product.cut_product(
            state.canvas,
            enough,
            model_name=state.cutout_model,
            models_home=state.models_home,
            on_progress=lambda share: state.report(CUT_OUT, share, _CUT_OUT_WEIGHT),
        )
        state.canvas, state.detail = cut.canvas, cut.detail
        state.confidence = cut.confidence if state.confidence is None else min(state.confidence, cut.confidence)
        state.doubts.extend(cut.doubts)

    state.stage(CUT_OUT, _CUT_OUT_WEIGHT, work)


def _change(state: _Run, step: Step) -> None:
    """One step other than the cut-out."""
    canvas, params = state.canvas, step.params
    framing.within_limits(framing.step_frame(canvas.frame, step))
    if isinstance(params, BackgroundParams):
        state.canvas, doubts = product.on_background(canvas, state.detail, params, state.pictures)
        state.doubts.extend(doubts)
    elif isinstance(params, ShadowParams):
        state.canvas = product.with_shadow(canvas, params)
    elif isinstance(params, EnhanceParams):
        state.canvas = canvas.recolored(enhance.enhanced(canvas.rgb, canvas.matte, **params.model_dump()))
    elif isinstance(params, AdjustParams):
        state.canvas = canvas.recolored(adjust.adjusted(canvas.rgb, **params.model_dump()))
    else:
        state.canvas = _reshaped(canvas, step)
    state.detail = None


def _reshaped(canvas: Canvas, step: Step) -> Canvas:
    """Crop, rotate, resize, upscale."""
    params = step.params
    if isinstance(params, CropParams):
        box = framing.crop_box(canvas.frame, params).as_tuple()
        return canvas.reshaped(lambda plane: geometry.cropped(plane, *box))
    if isinstance(params, RotateParams):
        return _rotated(canvas, params)
    if isinstance(params, ResizeParams):
        return _resized(canvas, params)
    assert isinstance(params, UpscaleParams)
    size = framing.upscaled(canvas.frame, params)
    return canvas.reshaped(
        lambda plane: geometry.scaled(plane, size.width, size.height),
        lambda rgb: geometry.enlarged(rgb, size.width, size.height),
    )


def _rotated(canvas: Canvas, params: RotateParams) -> Canvas:
    turns, rest = divmod(params.angle % 360, 90)
    size = framing.rotated(canvas.frame, params)
    canvas = canvas.reshaped(lambda plane: geometry.quarter_turned(plane, int(turns)))
    if rest == 0:
        return canvas
    if params.corners == "transparent" and canvas.alpha is None:
        canvas = Canvas(canvas.rgb, np.full(canvas.rgb.shape[:2], 255, np.uint8))
    corner = product.color(params.color) if params.corners == "color" and canvas.alpha is None else None
    return canvas.reshaped(
        lambda plane: geometry.tilted(plane, rest, size.width, size.height, (0,)),
        lambda rgb: geometry.tilted(rgb, rest, size.width, size.height, corner),
    )


def _resized(canvas: Canvas, params: ResizeParams) -> Canvas:
    inner, outer = framing.resized(canvas.frame, params)
    framing.within_limits(inner)
    canvas = canvas.reshaped(lambda plane: geometry.scaled(plane, inner.width, inner.height))
    if inner == outer:
        return canvas
    if params.fit == "cover":
        left, top = (inner.width - outer.width) // 2, (inner.height - outer.height) // 2
        return canvas.reshaped(lambda plane: geometry.cropped(plane, left, top, left + outer.width, top + outer.height))
    return product.padded(canvas, outer, product.color(params.color))


def _checks(confidence: float | None) -> tuple[Check, ...]:
    if confidence is None:
        return ()
    sure = confidence >= CONFIDENCE_THRESHOLD
    detail = f"The cut-out is {confidence:.0%} sure."
    return (
        Check(
            "cutout_confidence", sure, detail if sure else f"{detail} At least {CONFIDENCE_THRESHOLD:.0%} is needed."
        ),
    )


def _total_weight(recipe: Recipe) -> float:
    cuts = any(step.op in ("remove_background", "background") for step in recipe.steps)
    return sum(_STAGES[step.op][1] for step in recipe.steps if step.op in _STAGES) + cuts * _CUT_OUT_WEIGHT
