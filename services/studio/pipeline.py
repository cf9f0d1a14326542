"""Run a recipe on one picture, in memory: pixels in, pixels and a report out. One decode before, one encode after.

Pure but for time: no database, no storage, no network. Loads OpenCV, so only workers and the command line import it.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from services.errors import ServiceError
from services.studio.comparison import Comparison
from services.studio.framing import Frame, within_limits
from services.studio.marketplaces import Product, Side
from services.studio.marketplaces.cut_off import sides_cut, touches_every_side
from services.studio.ondevice.canvas import Canvas
from services.studio.ondevice.cutout import CONFIDENCE_THRESHOLD
from services.studio.ondevice.edge_places import edge_places
from services.studio.ondevice.refusals import Refusal
from services.studio.ondevice.work import Work
from services.studio.operations import registry
from services.studio.operations.contract import Operation, Params, apply_function
from services.studio.recipes import Recipe, Step
from services.studio.rendered import Cancelled, Check, Pixels, Rendered, Stage
from services.studio.transparency import is_cut_out

__all__ = ["Cancelled", "Check", "Rendered", "Stage", "StepRefused", "run"]

Progress = Callable[[str, float], None]


class StepRefused(ServiceError):
    """The pixels of a step refused the picture, or the installation lacks what they need: see `ondevice.refusals`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.code = refusal.code
        self.status = 503 if refusal.installation else 422


@dataclass
class _Run:
    """What one run carries from step to step."""

    canvas: Canvas
    work: Work
    on_progress: Progress
    cancelled: Callable[[], bool]
    total: float
    came_cut_out: bool
    done: float = 0.0
    stages: list[Stage] = field(default_factory=list)

    def step(self, operation: Operation[Any], params: Params, following: Step | None) -> None:
        """Do one step, and before it what prepares a picture for it that is no cut-out."""
        if operation.prepared_by is not None and not self.canvas.is_cut_out:
            before = registry.operation(operation.prepared_by)
            self._change(before, before.params(), operation.cutting_side(params))
        if operation.opaque_only and self.canvas.is_cut_out:
            return
        side = None if following is None else following.operation.cutting_side(following.params)
        self._change(operation, params, side)

    def _change(self, operation: Operation[Any], params: Params, cutting_side: int | None) -> None:
        """Report its start and end, time it, and stop before it if the job was cancelled."""
        self._report(operation, 0.0)
        started = time.perf_counter()
        frame = Frame(*self.canvas.size)
        if not operation.opaque_only:
            within_limits(operation.frame(frame, params) or frame)
        self.work.cutting_side = cutting_side
        self.work.report = lambda share: self._report(operation, share)
        before = self.canvas
        try:
            self.canvas = apply_function(operation)(before, self.work, **operation.plan(frame, params))
        except Refusal as refusal:
            raise StepRefused(refusal) from refusal
        if before.is_cut_out and before.alpha is not None and self.canvas.subject is not None:
            self.canvas = replace(self.canvas, cut_off=self._cut_off(before.alpha))
        self.stages.append(Stage(operation.stage, time.perf_counter() - started))
        self.done += operation.weight
        self._report(operation, 0.0)

    def _cut_off(self, alpha: Pixels) -> tuple[Side, ...]:
        """Where a product ran on beyond its photo; one that came cut out and trimmed to its box tells nothing."""
        mask = alpha >= 128
        return () if self.came_cut_out and touches_every_side(mask) else sides_cut(mask)

    def _report(self, operation: Operation[Any], share: float) -> None:
        if self.cancelled():
            raise Cancelled
        self.on_progress(operation.stage, min(1.0, (self.done + share * operation.weight) / self.total))


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
    cutout_model: "auto" for the segmentation model if one is in `models_home`, None for the built-in cut-out.
    on_progress: called with the stage in plain words and the whole run's share done, 0..1.
    Raises Cancelled, and ServiceError subclasses when the picture or the recipe's size make it impossible.
    """
    work = Work(
        pictures=pictures or {},
        models_home=models_home,
        cutout_model=cutout_model,
        report=lambda share: None,
        require_room=lambda width, height: _require(Frame(width, height)),
    )
    canvas = Canvas.of(source, is_cut_out=is_cut_out(source[..., 3]))
    state = _Run(
        canvas=canvas,
        work=work,
        on_progress=on_progress or (lambda stage, share: None),
        cancelled=cancelled or (lambda: False),
        total=_total_weight(recipe),
        came_cut_out=canvas.is_cut_out,
    )
    steps = merged(recipe.steps)
    for index, step in enumerate(steps):
        state.step(step.operation, step.params, steps[index + 1] if index + 1 < len(steps) else None)
    canvas = state.canvas
    return Rendered(
        pixels=canvas.pixels(),
        confidence=work.confidence,
        doubts=tuple(dict.fromkeys(work.doubts)),
        checks=_checks(work.confidence),
        stages=tuple(state.stages),
        cut_out_by=work.cut_out_by,
        subject_box=canvas.subject_box,
        product=None if canvas.subject is None else Product(canvas.subject, canvas.cut_off),
        comparison=_comparison(canvas, (source.shape[1], source.shape[0])),
        matte=work.matte,
    )


def load() -> None:
    """Load the pixels of every operation that this machine runs, so that no picture waits for it."""
    for operation in registry.operations():
        if "on_device" in operation.engines:
            apply_function(operation)


def merged(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps, those that belong into the one before made a part of it."""
    result: list[Step] = []
    for step in steps:
        joined = step.operation.merged_into(result[-1].params, step.params) if result else None
        if joined is None:
            result.append(step)
        else:
            result[-1] = result[-1].model_copy(update={"params": joined})
    return tuple(result)


def _comparison(canvas: Canvas, source: tuple[int, int]) -> Comparison:
    """How the result lies over a source of that size in pixels."""
    registration, matte = canvas.registration, canvas.matte
    return Comparison(
        None if registration is None else registration.in_shares(source, canvas.size),
        () if matte is None else edge_places(matte),
    )


def _require(frame: Frame) -> None:
    within_limits(frame)


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
    """Each step's weight; what only opaque pictures get counts once, for after it the picture is transparent."""
    operations = [step.operation for step in recipe.steps]
    once = {one.id for one in operations if one.opaque_only} | {one.prepared_by for one in operations} - {None}
    weights = [one.weight for one in operations if not one.opaque_only]
    return sum(weights) + sum(registry.operation(id).weight for id in once if id is not None)
