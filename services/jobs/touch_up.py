"""Touching up a cut-out: open the editor on a result, look at strokes before they are saved, save them as a job."""

from dataclasses import dataclass
from typing import Any, cast

import db
from db.models.library import Asset
from services import pixels
from services.accounts.actor import Actor
from services.errors import NotFound
from services.jobs import charges
from services.jobs.submission import submit
from services.jobs.views import FROM_API, JobView, Origin
from services.library import storage
from services.library.owned import owned
from services.studio.recipes import Recipe, parse_recipe
from services.studio.touching_up import CannotTouchUp, can_touch_up, steps_before_cut, strokes_in, touched_up

_SECONDS = 30.0


@dataclass(frozen=True)
class TouchUp:
    """A result that can be touched up: its strokes so far as plain data, and what saving others costs in credits."""

    asset_id: str
    filename: str
    strokes: tuple[dict[str, Any], ...]
    credits: int


@dataclass(frozen=True)
class _Cut:
    """A result with a cut-out, the photo it was cut from, and how."""

    result: Asset
    source: Asset
    recipe: Recipe

    @property
    def files(self) -> tuple[bytes, list[dict[str, Any]], bytes]:
        """What the pixels need: the photo, the steps before the cut, the matte."""
        store = storage.current()
        assert self.result.matte_key is not None
        steps = [step.model_dump(mode="json", by_alias=True) for step in steps_before_cut(self.recipe)]
        return store.get(self.source.preview_key), steps, store.get(self.result.matte_key)


def open_touch_up(actor: Actor, asset_id: str) -> TouchUp:
    """What the editor of a result starts with. Raises NotFound, CannotTouchUp."""
    cut = _cut(actor, asset_id)
    strokes = tuple(strokes_in(cut.recipe))
    return TouchUp(asset_id, cut.result.filename, strokes, _credits(actor, cut))


def photo(actor: Actor, asset_id: str) -> bytes:
    """The photo as it was before it was cut, a JPEG at the size of a screen. Raises NotFound, CannotTouchUp, and as
    `pixels.run`."""
    cut = _cut(actor, asset_id)
    return cast(bytes, pixels.run("services.studio.touch_up_preview:photo", *cut.files, seconds=_SECONDS))


def preview(actor: Actor, asset_id: str, strokes: object) -> bytes:
    """The alpha of a result's cut-out with these strokes, a grey PNG of the same size; strokes of before count only if
    they are among them. Raises NotFound, CannotTouchUp, InvalidRecipe, and as `pixels.run`."""
    cut = _cut(actor, asset_id)
    checked = strokes_in(touched_up(cut.recipe, strokes)) if strokes else []
    task = "services.studio.touch_up_preview:alpha"
    return cast(bytes, pixels.run(task, *cut.files, checked, seconds=_SECONDS))


def save(
    actor: Actor,
    asset_id: str,
    strokes: object,
    *,
    max_credits: int | None = None,
    key: str | None = None,
    origin: Origin = FROM_API,
) -> JobView:
    """Queue a job that makes the result anew with these strokes, in the same product. To save a result that was in
    doubt is to say that it is good now, so it is charged. Raises as `preview` and `jobs.submission.submit`."""
    cut = _cut(actor, asset_id)
    return submit(
        actor,
        touched_up(cut.recipe, strokes),
        cut.source.id,
        origin=origin,
        product_id=cut.result.product_id,
        max_credits=max_credits,
        key=key,
    )


def _credits(actor: Actor, cut: _Cut) -> int:
    example = touched_up(cut.recipe, [{"mode": "keep", "points": [[0.5, 0.5]]}])
    return charges.price_for(actor, example, cut.source.id)


def _cut(actor: Actor, asset_id: str) -> _Cut:
    actor.require_scope("write")
    with db.snapshot() as session:
        result = owned(session, actor, asset_id)
        stored = result.details.get("recipe")
        if result.matte_key is None or result.parent_id is None or stored is None:
            raise CannotTouchUp
        try:
            source = owned(session, actor, result.parent_id)
        except NotFound as error:
            raise NotFound("The photo that this picture was cut out of has been deleted.") from error
    if source.deleted_at is not None:
        raise NotFound("The photo that this picture was cut out of is in the trash. Restore it first.")
    recipe = parse_recipe(stored)
    if not can_touch_up(recipe):
        raise CannotTouchUp
    return _Cut(result, source, recipe)
