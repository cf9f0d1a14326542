"""What a recipe costs for a picture of this person's: the quote, unless they have paid for what it only touches up."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from db.models.credits import CreditHold
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.studio.pricing import current_prices, quote
from services.studio.recipes import Recipe
from services.studio.touching_up import is_touched_up, without_touch_up


def credits_for(
    session: Session, user_id: str, recipe: Recipe, asset_ids: Sequence[str], prices: Mapping[str, int]
) -> list[int]:
    """Credits for each picture, in order. Call in the transaction that sets them aside."""
    each = quote(recipe, prices).credits_each
    if not each or not is_touched_up(recipe.canonical()):
        return [each] * len(asset_ids)
    free = {asset_id: is_free_touch_up(session, user_id, recipe, asset_id) for asset_id in set(asset_ids)}
    return [0 if free[asset_id] else each for asset_id in asset_ids]


def price_for(actor: Actor, recipe: Recipe, asset_id: str) -> int:
    """Credits for one picture, for a screen that shows them."""
    with db.snapshot() as session:
        return credits_for(session, actor.id, recipe, [asset_id], current_prices(session))[0]


def is_free_touch_up(session: Session, user_id: str, recipe: Recipe, asset_id: str) -> bool:
    """Whether the person has paid for this very photo and recipe, strokes apart, and was not refunded. The job counts,
    not its picture: what was paid for and then deleted, or touched up before, stays paid."""
    wanted = without_touch_up(recipe.canonical())
    paid = session.scalars(
        sa.select(col(Job.recipe))
        .join(CreditHold, col(CreditHold.id) == col(Job.hold_id))
        .where(
            col(Job.input_asset_id) == asset_id,
            col(Job.user_id) == user_id,
            col(Job.status) == JobStatus.SUCCEEDED,
            col(CreditHold.captured) > col(CreditHold.refunded),
        )
    )
    return any(without_touch_up(stored) == wanted for stored in paid)
