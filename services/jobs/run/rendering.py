"""The work itself: read the pictures, run the recipe on each, judge and store the results. Only workers import this."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

import db
from config import settings
from db.models.library import Asset
from services.engine.slots import Slot
from services.jobs.run.intermediates import Intermediate, store
from services.jobs.run.progress import Tracked
from services.jobs.settlement import Finished, Outcome, Start
from services.library import results, storage
from services.library.derivatives import PREVIEW_SIDE
from services.library.results import owned_assets
from services.studio import encoding, marketplaces, pipeline, provenance, quality, recipes
from services.studio.comparison import Comparison
from services.studio.ondevice import geometry
from services.studio.ondevice.cutout_confidence import TRANSPARENT
from services.studio.recipes import Leg, Output, Recipe, asset_references, legs, parse_recipe
from services.studio.rendered import Rendered

Pixels = npt.NDArray[np.uint8]

DOUBTED = frozenset({"cutout_confidence"})
"""Checks that a result may fail and still be worth showing, with the doubt and uncharged. Any other is a failure."""

_STORING = "Storing the result"
_NOTHING = Intermediate(key="")
_ON_THE_WAY = Output(format="png")


@dataclass(frozen=True)
class _Made:
    """One result as pixels and as a file, not yet judged. `recipe` is what was done here to `pixels`; `before` is what
    earlier parts of the job's recipe had done to the source."""

    source: Asset
    before: Intermediate
    recipe: Recipe
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


def render(start: Start, tracked: Tracked, slot: Slot, before: Intermediate | None = None) -> Outcome:
    """Make a job's result and store its bytes; gives the slot back once it is encoded, so that the next job's pixels
    are worked on while this one's are judged and stored.

    `before` is what the parts of the recipe up to its last provider's step made of the picture; only the rest is done
    here. Raises what makes it impossible: Cancelled, ServiceError of an input at fault, faults of storage or database.
    """
    recipe = parse_recipe(start.recipe)
    rest = recipe.model_copy(update={"steps": legs(recipe)[-1].steps})
    with db.snapshot() as session:
        [source] = owned_assets(session, start.user_id, [start.asset_id])
        others = owned_assets(session, start.user_id, asset_references(recipe))
    kinds = [asset.digital_source_type for asset in (source, *others)]
    source_type = provenance.of_result(recipes.source_type(recipe), kinds)
    made = _make(source, before or _NOTHING, rest, _pictures(others), _Share(tracked), source_type)
    slot.release()
    judged = _judge(made, recipe)
    tracked.report(_STORING, 0.95)
    filename = _filename(source.filename, recipe)
    matte = made.rendered.matte if before is None else None  # of the source itself, not of what a provider made of it
    prepared = results.prepare_result(made.data, filename, _shown(made, recipe), source_type, matte)
    operations = " ".join(step.op for step in recipe.steps)
    return Outcome(
        attempt=start.attempt,
        results=(Finished(prepared, source.id, operations, judged.details, source_type),),
        charged=judged.report.acceptable,
        quality=_quality(judged),
    )


def prepare(start: Start, leg: Leg, before: Intermediate | None, tracked: Tracked) -> Intermediate:
    """Do a part of a recipe that comes before a provider's step, and keep what it made. Raises as `render`."""
    recipe = parse_recipe(start.recipe)
    part = recipe.model_copy(update={"steps": leg.steps})
    with db.snapshot() as session:
        [source] = owned_assets(session, start.user_id, [start.asset_id])
        others = owned_assets(session, start.user_id, asset_references(part))
    begun = time.perf_counter()
    _, rendered = _rendered(source, before or _NOTHING, part, _pictures(others), _Share(tracked))
    so_far = before or _NOTHING
    confidence = min((sure for sure in (so_far.confidence, rendered.confidence) if sure is not None), default=None)
    return Intermediate(
        key=store(encoding.encode(rendered.pixels, _ON_THE_WAY), encoding.CONTENT_TYPES[_ON_THE_WAY.format]),
        confidence=confidence,
        cut_out_by=rendered.cut_out_by or so_far.cut_out_by,
        doubts=(*so_far.doubts, *rendered.doubts),
        checks=(*so_far.checks, *rendered.checks),
        seconds=(*so_far.seconds, ("prepare", time.perf_counter() - begun)),
    )


def _pictures(assets: Sequence[Asset]) -> dict[str, Pixels]:
    return {asset.id: encoding.decode(results.load(asset)) for asset in assets}


class _Share:
    """Progress of the pixels as a part of the whole job's."""

    def __init__(self, tracked: Tracked) -> None:
        self._tracked = tracked

    def __call__(self, stage: str, share: float) -> None:
        self._tracked.report(stage, 0.9 * share)

    @property
    def cancelled(self) -> bool:
        return self._tracked.cancelled()


def _make(
    source: Asset,
    before: Intermediate,
    recipe: Recipe,
    pictures: Mapping[str, Pixels],
    share: _Share,
    source_type: str | None,
) -> _Made:
    started = time.perf_counter()
    pixels, rendered = _rendered(source, before, recipe, pictures, share)
    before_encoding = time.perf_counter()
    data = encoding.encode(rendered.pixels, recipe.output, source_type)
    stages = [(stage.name, stage.seconds) for stage in rendered.stages]
    read = before_encoding - started - sum(seconds for _, seconds in stages)
    seconds = [*before.seconds, ("read", read), *stages, ("encode", time.perf_counter() - before_encoding)]
    return _Made(source, before, recipe, pixels, rendered, data, seconds)


def _rendered(
    source: Asset, before: Intermediate, recipe: Recipe, pictures: Mapping[str, Pixels], share: _Share
) -> tuple[Pixels, Rendered]:
    """What went in and what a part of a recipe made of it."""
    pixels = encoding.decode(storage.current().get(before.key) if before.key else results.load(source))
    rendered = pipeline.run(
        pixels,
        recipe,
        pictures=pictures,
        models_home=settings().models_dir,
        on_progress=share,
        cancelled=lambda: share.cancelled,
        cutout_model=settings().wanted_model,
    )
    return pixels, rendered


def _judge(made: _Made, recipe: Recipe) -> _Judged:
    """Raises quality.Unacceptable for a result that is worth nothing to anyone."""
    started = time.perf_counter()
    rendered = made.rendered
    report = quality.validate(made.pixels, _with_what_came_before(made), made.data, made.recipe)
    worthless = next((check for check in report.checks if not check.passed and check.name not in DOUBTED), None)
    if worthless is not None:
        raise quality.Unacceptable(report.reason)
    seconds = [*made.seconds, ("check", time.perf_counter() - started)]
    doubts = tuple(dict.fromkeys((*made.before.doubts, *rendered.doubts)))
    details = {
        "recipe": recipe.canonical(),
        "versions": {step.op: step.operation.version for step in recipe.steps},
        "confidence": report.confidence,
        "cut_out_by": rendered.cut_out_by or made.before.cut_out_by,
        "doubts": list(doubts),
        "looks_transparent": TRANSPARENT in doubts,
        "checks": [asdict(check) for check in report.checks],
        "marketplace": _marketplace(rendered, made.data, recipe),
        "comparison": _comparison(made).stored(),
        "stages": [{"name": name, "seconds": round(duration, 4)} for name, duration in seconds],
    }
    return _Judged(report, doubts, details)


def _with_what_came_before(made: _Made) -> Rendered:
    before, rendered = made.before, made.rendered
    if before is _NOTHING:
        return rendered
    confidence = min((sure for sure in (before.confidence, rendered.confidence) if sure is not None), default=None)
    return replace(rendered, confidence=confidence, checks=(*before.checks, *rendered.checks))


def _shown(made: _Made, recipe: Recipe) -> Image.Image:
    """The result as its file shows it, small enough for the preview where that is quick: spares decoding it again."""
    pixels = made.rendered.pixels
    if pixels.shape[2] == 4:
        opaque = recipe.output.format == "jpeg" or int(pixels[..., 3].min()) == 255
        return Image.fromarray(encoding.flattened(pixels) if opaque else pixels)
    scale = min(1.0, PREVIEW_SIDE / max(pixels.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in pixels.shape[:2])
    return Image.fromarray(np.ascontiguousarray(geometry.reduced(pixels, width, height)))


def _comparison(made: _Made) -> Comparison:
    """What a provider drew anew lies over no photo: only its edge is known."""
    found = made.rendered.comparison
    return found if made.before is _NOTHING else replace(found, registration=None)


def _marketplace(rendered: Rendered, data: bytes, recipe: Recipe) -> dict[str, Any] | None:
    """Every rule of the marketplace that the last preset in the recipe is for, held against the result."""
    preset = recipes.marketplace(recipe)
    if preset is None:
        return None
    content_type = encoding.CONTENT_TYPES[recipe.output.format]
    sold = recipes.sold(recipe)
    rules = marketplaces.check(rendered.pixels, content_type, len(data), preset, product=rendered.product, sold=sold)
    return {"preset": preset, "sold": sold, "rules": [_rule(rule) for rule in rules]}


def _rule(result: marketplaces.RuleResult) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "title": result.title,
        "passed": result.passed,
        "detail": result.detail,
        "fix": result.fix,
        "fix_step": None if result.fix_step is None else dict(result.fix_step),
        "source": json.loads(json.dumps(asdict(result.source), default=str)),
        "places": [list(place) for place in result.places],
        "in_force_from": None if result.in_force_from is None else result.in_force_from.isoformat(),
    }


def _quality(judged: _Judged) -> dict[str, Any]:
    return {
        "confidence": judged.report.confidence,
        "checks": [asdict(check) for check in judged.report.checks],
        "doubts": list(judged.doubts),
    }


def _filename(original: str, recipe: Recipe) -> str:
    """The name of a result: the original's, with what was made of it and the ending of its format."""
    ending = {"jpeg": "jpg"}.get(recipe.output.format, recipe.output.format)
    return f"{PurePath(original).stem}-{recipes.file_word(recipe)}.{ending}"
