"""Making a batch, reading it, cancelling it, retrying what failed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from db.ids import new_id
from db.models import Batch, OriginKind
from services.accounts.actor import Actor
from services.batches.completion import note_if_completed
from services.batches.event_types import PREFIX
from services.batches.naming import DEFAULT_NAMING, check_naming
from services.batches.views import BatchView, views_in
from services.catalog.photos import main_photos
from services.cursors import newest
from services.engine import client
from services.errors import Conflict, FieldError, Invalid, NotFound
from services.jobs import cancellation, submission
from services.jobs.submission import MAX_PICTURES, Picture
from services.jobs.views import Origin


@dataclass(frozen=True)
class BatchPage:
    """A page of batches, newest first."""

    items: tuple[BatchView, ...]
    has_more: bool


def make_batch(
    actor: Actor,
    recipe: object,
    *,
    asset_ids: Sequence[str] = (),
    product_ids: Sequence[str] = (),
    origin_kind: OriginKind = OriginKind.API,
    naming: str = DEFAULT_NAMING,
    max_credits: int | None = None,
    key: str | None = None,
) -> BatchView:
    """Queue a job for each picture, or for the main photo of each product, whose picture the result becomes; all or
    none. `max_credits` is for all of them together; `key` makes a repeated call return the batch of the first.

    Raises Invalid unless exactly one of `asset_ids` and `product_ids` is given, or for a naming rule that cannot be
    followed, and what `jobs.submission.submit` raises.
    """
    if bool(asset_ids) == bool(product_ids):
        raise Invalid(errors=(FieldError("asset_ids", "Give either pictures or products."),))
    field, count = ("asset_ids", len(asset_ids)) if asset_ids else ("product_ids", len(product_ids))
    if count > MAX_PICTURES:
        raise Invalid(errors=(FieldError(field, f"A batch holds up to {MAX_PICTURES}. Make several."),))
    check_naming(naming)
    parsed = submission.checked_recipe(actor, recipe)
    try:
        with db.transaction() as session:
            if key is not None and (repeated := _made(session, actor, key)):
                return repeated
            batch = Batch(
                id=new_id(PREFIX), user_id=actor.id, recipe=parsed.canonical(), naming=naming, request_key=key
            )
            session.add(batch)
            pictures = [Picture(asset_id) for asset_id in asset_ids] or [
                Picture(asset_id, product_id)
                for product_id, asset_id in main_photos(session, actor.id, product_ids).items()
            ]
            origin = Origin(origin_kind, batch.id)
            submission.queue_pictures(session, actor, parsed, pictures, origin=origin, max_credits=max_credits)
            return views_in(session, [batch])[0]
    except IntegrityError:
        with db.snapshot() as session:  # the same key at the same moment: the other one won
            if key is not None and (repeated := _made(session, actor, key)):
                return repeated
        raise


def get_batch(actor: Actor, batch_id: str) -> BatchView:
    """One batch. Raises NotFound, also for another person's."""
    actor.require_scope("read")
    with db.snapshot() as session:
        return views_in(session, [owned_batch(session, actor, batch_id)])[0]


def list_batches(actor: Actor, *, limit: int = 20, starting_after: str | None = None) -> BatchPage:
    """The person's batches, newest first, those after the id `starting_after`. Raises `Invalid` for another's."""
    actor.require_scope("read")
    query = select(Batch).where(col(Batch.user_id) == actor.id)
    with db.snapshot() as session:
        query = newest(Batch).rest_of(session, actor, query, starting_after, "batch")
        rows = session.scalars(query.limit(limit + 1)).all()
        return BatchPage(tuple(views_in(session, rows[:limit])), has_more=len(rows) > limit)


def cancel_batch(actor: Actor, batch_id: str) -> BatchView:
    """Cancel what waits or runs, and give those credits back; what has ended stays. Raises NotFound."""
    return _cancel(actor, batch_id, None)


def skip(actor: Actor, batch_id: str, job_ids: Sequence[str]) -> BatchView:
    """Cancel some of its jobs. Raises NotFound, also for a job that is not of this batch; Invalid for none."""
    return _cancel(actor, batch_id, list(dict.fromkeys(job_ids)))


def retry_failed(actor: Actor, batch_id: str) -> BatchView:
    """Queue all jobs that failed again, at today's price, all or none.

    Raises NotFound, Conflict if none has failed, and what `jobs.submission.submit` raises.
    """
    actor.require_scope("write")
    client.client()  # opened before the transaction: its first use creates the engine's tables
    with db.transaction() as session:
        batch = owned_batch(session, actor, batch_id)
        if not submission.retry_failed(session, actor, batch.id):
            raise Conflict("No picture of this batch has failed.")
        return views_in(session, [batch])[0]


def owned_batch(session: Session, actor: Actor, batch_id: str, *, lock: bool = False) -> Batch:
    """The row, if it is this person's. Raises NotFound."""
    wanted = select(Batch).where(col(Batch.id) == batch_id, col(Batch.user_id) == actor.id)
    batch = session.scalars(wanted.with_for_update() if lock else wanted).first()
    if batch is None:
        raise NotFound
    return batch


def _cancel(actor: Actor, batch_id: str, job_ids: Sequence[str] | None) -> BatchView:
    actor.require_scope("write")
    with db.transaction() as session:
        batch = owned_batch(session, actor, batch_id, lock=True)
        if job_ids is not None and not job_ids:
            raise Invalid(errors=(FieldError("job_ids", "Name at least one job."),))
        cancelled = cancellation.cancel_of_origin(session, actor, batch.id, job_ids)
        note_if_completed(session, batch)
        session.flush()
        found = views_in(session, [batch])[0]
    cancellation.cancel_in_engine(cancelled)
    return found


def _made(session: Session, actor: Actor, key: str) -> BatchView | None:
    found = session.scalars(select(Batch).where(col(Batch.user_id) == actor.id, col(Batch.request_key) == key)).all()
    return views_in(session, found)[0] if found else None
