"""The work itself: read the pictures, run the recipe on each, judge and store the results. Only workers import this."""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

import db
from config import settings
from db.models.library import Asset
from services.jobs.progress import Tracked
from services.jobs.settlement import Finished, Outcome, Start
from services.jobs.slots import Slot
from services.library import results
from services.library.derivatives import PREVIEW_SIDE
from services.library.results import owned_assets
from services.studio import encoding, marketplaces, pipeline, quality
from services.studio.ondevice import geometry
from services.studio.operations import BackgroundParams
from services.studio.recipes import Recipe, asset_references, parse_recipe
from services.studio.rendered import Rendered

Pixels = npt.NDArray[np.uint8]

DOUBTED = frozenset({"cutout_confidence"})
"""Checks that a result may fail and still be worth showing, with the doubt and uncharged. Any other is a failure."""

_STORING = "Storing the result"


@dataclass(frozen=True)
class _Made:
    """One result as pixels and as a file, not yet judged."""

    source: Asset
    pixels: Pixels
    rendered: Rendered
    data: bytes
    seconds: list[tuple[str, float]]


@dataclass(frozen=True)
class _Judged:
    """The verdict on one result, and what its owner can look up of it."""

    report: quality.QualityReport
    doubts: tuple[str, ...]
    details: dict[str, Any]


def render(start: Start, tracked: Tracked, slot: Slot) -> Outcome:
    """Make every result of a job and store its bytes; gives the slot back once the last one is encoded, so that the
    next job's pixels are worked on while this one's are judged and stored.

    Raises what makes it impossible: Cancelled, ServiceError of an input at fault, faults of storage or database. Bytes
    stored until then are taken away again.
    """
    recipe = parse_recipe(start.recipe)
    with db.snapshot() as session:
        sources = owned_assets(session, start.user_id, start.input_asset_ids)
        others = owned_assets(session, start.user_id, asset_references(recipe))
    pictures = {asset.id: encoding.decode(results.load(asset)) for asset in others}
    finished: list[Finished] = []
    judged: list[_Judged] = []
    try:
        for number, source in enumerate(sources):
            one = _make(source, recipe, pictures, _Share(tracked, number, len(sources)))
            if number == len(sources) - 1:
                slot.pixels_done()
            verdict = _judge(one, recipe)
            tracked.report(_STORING, (number + 0.95) / len(sources))
            prepared = results.prepare_result(one.data, _filename(source.filename, recipe), _shown(one, recipe))
            finished.append(Finished(prepared, source.id, " ".join(step.op for step in recipe.steps), verdict.details))
            judged.append(verdict)
    except BaseException:
        for result in finished:
            results.discard(result.prepared)
        raise
    return Outcome(
        attempt=start.attempt,
        results=tuple(finished),
        charged=all(one.report.acceptable for one in judged),
        quality=_quality(judged),
    )


class _Share:
    """Progress of one picture as a part of the whole job's."""

    def __init__(self, tracked: Tracked, number: int, count: int) -> None:
        self._tracked, self._number, self._count = tracked, number, count

    def __call__(self, stage: str, share: float) -> None:
        self._tracked.report(stage, (self._number + 0.9 * share) / self._count)

    @property
    def cancelled(self) -> bool:
        return self._tracked.cancelled()


def _make(source: Asset, recipe: Recipe, pictures: Mapping[str, Pixels], share: _Share) -> _Made:
    started = time.perf_counter()
    pixels = encoding.decode(results.load(source))
    read = time.perf_counter()
    rendered = pipeline.run(
        pixels,
        recipe,
        pictures=pictures,
        models_home=settings().models_dir,
        on_progress=share,
        cancelled=lambda: share.cancelled,
        cutout_model=settings().wanted_model,
    )
    before_encoding = time.perf_counter()
    data = encoding.encode(rendered.pixels, recipe.output)
    seconds = [("read", read - started)]
    seconds += [(stage.name, stage.seconds) for stage in rendered.stages]
    seconds.append(("encode", time.perf_counter() - before_encoding))
    return _Made(source, pixels, rendered, data, seconds)


def _judge(made: _Made, recipe: Recipe) -> _Judged:
    """Raises quality.Unacceptable for a result that is worth nothing to anyone."""
    started = time.perf_counter()
    rendered = made.rendered
    report = quality.validate(made.pixels, rendered, made.data, recipe)
    worthless = next((check for check in report.checks if not check.passed and check.name not in DOUBTED), None)
    if worthless is not None:
        raise quality.Unacceptable(report.reason)
    seconds = [*made.seconds, ("check", time.perf_counter() - started)]
    details = {
        "recipe": recipe.canonical(),
        "confidence": report.confidence,
        "doubts": list(rendered.doubts),
        "checks": [asdict(check) for check in report.checks],
        "marketplace": _marketplace(rendered, made.data, recipe),
        "stages": [{"name": name, "seconds": round(duration, 4)} for name, duration in seconds],
    }
    return _Judged(report, rendered.doubts, details)


def _shown(made: _Made, recipe: Recipe) -> Image.Image:
    """The result as its file shows it, small enough for the preview where that is quick: spares decoding it again."""
    pixels = made.rendered.pixels
    if pixels.shape[2] == 4:
        opaque = recipe.output.format == "jpeg" or int(pixels[..., 3].min()) == 255
        return Image.fromarray(encoding.flattened(pixels) if opaque else pixels)
    scale = min(1.0, PREVIEW_SIDE / max(pixels.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return Image.fromarray(np.ascontiguousarray(geometry.scaled(pixels, width, height)))


def _marketplace(rendered: Rendered, data: bytes, recipe: Recipe) -> dict[str, Any] | None:
    """Every rule of the marketplace that the last preset in the recipe is for, held against the result."""
    presets = [
        step.params.preset
        for step in recipe.steps
        if isinstance(step.params, BackgroundParams) and step.params.preset is not None
    ]
    if not presets:
        return None
    preset = presets[-1]
    content_type = encoding.CONTENT_TYPES[recipe.output.format]
    rules = marketplaces.check(rendered.pixels, content_type, len(data), preset, rendered.subject_box)
    return {"preset": preset, "rules": [_rule(rule) for rule in rules]}


def _rule(result: marketplaces.RuleResult) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "title": result.title,
        "passed": result.passed,
        "detail": result.detail,
        "fix": result.fix,
        "fix_step": None if result.fix_step is None else dict(result.fix_step),
        "source": None if result.source is None else json.loads(json.dumps(asdict(result.source), default=str)),
    }


def _quality(judged: list[_Judged]) -> dict[str, Any]:
    """The least certain result speaks for the job."""
    worst = min(judged, key=lambda one: 1.0 if one.report.confidence is None else one.report.confidence)
    doubts = dict.fromkeys(doubt for one in judged for doubt in one.doubts)
    return {
        "confidence": worst.report.confidence,
        "checks": [asdict(check) for check in worst.report.checks],
        "doubts": list(doubts),
    }


def _filename(original: str, recipe: Recipe) -> str:
    """The name of a result: the original's, with what was made of it and the ending of its format."""
    last = recipe.steps[-1]
    preset = last.params.preset if isinstance(last.params, BackgroundParams) else None
    ending = {"jpeg": "jpg"}.get(recipe.output.format, recipe.output.format)
    return f"{PurePath(original).stem}-{(preset or last.op).replace('_', '-')}.{ending}"
