"""Submitting what a screen has put together, in the callback of its button."""

from collections.abc import Sequence

from components.create import draft
from components.shell import feedback, guard
from components.shell.page_table import Screen
from db.models.jobs import OriginKind
from services.accounts.actor import Actor
from services.errors import ServiceError
from services.jobs.submission import submit_many
from services.jobs.views import Origin
from services.studio.recipes import Recipe, asset_references


def submit_draft(
    actor: Actor, screen: Screen, draft_id: str, recipe: Recipe, asset_ids: Sequence[str], price: int
) -> None:
    """One job a photo, shown on `screen` from now on. Pressed twice, it gets the same jobs."""
    if submit_for(actor, draft_id, recipe, asset_ids, price=price, key=draft_id):
        draft.was_submitted(screen, draft_id, [*asset_ids, *asset_references(recipe)])


def submit_for(
    actor: Actor,
    origin_id: str,
    recipe: Recipe,
    asset_ids: Sequence[str],
    *,
    price: int,
    key: str,
    product_id: str | None = None,
) -> tuple[str, ...]:
    """Ids of the jobs, which belong to `origin_id`; none if it was refused, and then the next drawing says why.

    More than the `price` that was pressed is never paid: that is refused. `actor` is who the button was drawn for. A
    callback runs before the screen's guard: hence the look here, so that a session that has ended meanwhile spends
    nothing.
    """
    present = guard.current_actor()
    if present is None or present.id != actor.id:
        return ()
    origin = Origin(OriginKind.SCREEN, origin_id)
    try:
        jobs = submit_many(actor, recipe, asset_ids, origin=origin, product_id=product_id, max_credits=price, key=key)
    except ServiceError as error:
        feedback.show_after_rerun(error)
        return ()
    return tuple(job.id for job in jobs)
