"""Handing work in: the credits are set aside, the job is written and queued, all in one transaction or not at all."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from db.clock import now
from db.ids import new_id
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.catalog.owned import open_product
from services.credits import ledger
from services.engine import client
from services.errors import Conflict, FieldError, Invalid, NotFound
from services.jobs import queue_state, queues
from services.jobs.priority import priority, retries, waiting
from services.jobs.views import JobView
from services.library.results import owned_assets
from services.studio.pricing import current_prices, quote
from services.studio.providers import require_configured
from services.studio.recipes import Recipe, asset_references, parse_recipe

MAX_INPUTS = 100


def submit(
    actor: Actor,
    recipe: object,
    asset_ids: Sequence[str],
    *,
    product_id: str | None = None,
    key: str | None = None,
) -> JobView:
    """Queue one job that runs `recipe` on each of the pictures, one result each; the results become pictures of the
    product, if one is named.

    `key` makes a repeated call (a double click, a resent form) return the job of the first. Raises InvalidRecipe,
    NotFound for a picture or product that is not this person's, ProductArchived, InsufficientCredits,
    ProviderNotConfigured for a recipe whose provider has no key here.
    """
    return _submit(actor, recipe, [tuple(asset_ids)], product_id, key)[0]


def submit_many(
    actor: Actor,
    recipe: object,
    asset_ids: Sequence[str],
    *,
    product_id: str | None = None,
    key: str | None = None,
) -> list[JobView]:
    """Queue one job for each picture, all or none; in the order given. Raises what `submit` raises."""
    return _submit(actor, recipe, [(asset_id,) for asset_id in asset_ids], product_id, key)


def retry_job(actor: Actor, job_id: str) -> JobView:
    """Queue a failed or cancelled job again under the same id, at today's price, with credits newly set aside.

    Raises NotFound, Conflict for a job in another state, and what `submit` raises.
    """
    actor.require_scope("write")
    client.client()
    with db.transaction() as session:
        job = session.scalar(select(Job).where(col(Job.id) == job_id, col(Job.user_id) == actor.id).with_for_update())
        if job is None:
            raise NotFound
        if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            raise Conflict("Only a job that failed or was cancelled can be run again.")
        recipe = parse_recipe(job.recipe)
        require_configured(step.op for step in recipe.steps)
        if job.product_id is not None:
            open_product(session, actor.id, job.product_id)
        owned_assets(session, actor.id, [*job.input_asset_ids, *asset_references(recipe)])
        _queue_again(session, actor, job, recipe)
        session.flush()
        return queue_state.view_in(session, job)


def _submit(
    actor: Actor, data: object, inputs: list[tuple[str, ...]], product_id: str | None, key: str | None
) -> list[JobView]:
    actor.require_scope("write")
    recipe = parse_recipe(data)
    require_configured(step.op for step in recipe.steps)
    wanted = [asset_id for group in inputs for asset_id in group]
    if not 1 <= len(wanted) <= MAX_INPUTS:
        detail = f"Choose between 1 and {MAX_INPUTS} pictures."
        raise Invalid(detail, errors=(FieldError("asset_ids", detail),))
    client.client()  # opened before the transaction: its first use creates the engine's tables
    keys = [None if key is None else f"{key}#{number}" for number in range(len(inputs))]
    try:
        with db.transaction() as session:
            if key is not None and (repeated := _submitted(session, actor.id, keys)):
                return repeated
            if product_id is not None:
                open_product(session, actor.id, product_id)
            owned_assets(session, actor.id, [*dict.fromkeys(wanted), *asset_references(recipe)])
            already = waiting(session, actor.id)
            prices = current_prices(session)
            jobs = [
                _queue(session, actor, recipe, group, already + number, product_id, keys[number], prices)
                for number, group in enumerate(inputs)
            ]
            return queue_state.views_in(session, jobs)
    except IntegrityError:
        with db.snapshot() as session:  # the same key at the same moment: the other one won
            if key is not None and (repeated := _submitted(session, actor.id, keys)):
                return repeated
        raise


def _queue(
    session: Session,
    actor: Actor,
    recipe: Recipe,
    inputs: tuple[str, ...],
    already_waiting: int,
    product_id: str | None,
    key: str | None,
    prices: dict[str, int],
) -> Job:
    job_id = new_id("job")
    number = priority(actor.tier, already_waiting)
    credits = quote(recipe, prices, len(inputs)).credits_total
    queue = queues.queue_of(recipe)
    queues.enqueue(session, job_id, 1, priority=number, retries=retries(actor.tier), queue=queue)
    hold = ledger.hold(session, actor.id, credits, key=f"hold:{job_id}:1", job_id=job_id, actor=actor.id)
    job = Job(
        id=job_id,
        user_id=actor.id,
        queue=queue,
        priority=number,
        recipe=recipe.canonical(),
        input_asset_ids=list(inputs),
        product_id=product_id,
        hold_id=hold,
        credits_held=credits,
        request_key=key,
    )
    session.add(job)
    session.flush()  # here, where a key used twice can be told from a fault of the engine
    return job


def _queue_again(session: Session, actor: Actor, job: Job, recipe: Recipe) -> None:
    job.run += 1
    job.priority = priority(actor.tier, waiting(session, actor.id), retry=True)
    job.credits_held = quote(recipe, current_prices(session), len(job.input_asset_ids)).credits_total
    queues.enqueue(session, job.id, job.run, priority=job.priority, retries=retries(actor.tier), queue=job.queue)
    job.hold_id = ledger.hold(
        session, actor.id, job.credits_held, key=f"hold:{job.id}:{job.run}", job_id=job.id, actor=actor.id
    )
    job.status, job.stage, job.progress, job.queued_at = JobStatus.QUEUED, "queued", 0.0, now()
    job.attempts, job.credits_charged = 0, 0
    job.worker_id = job.started_at = job.finished_at = job.quality = None
    job.error_code = job.error_message = None
    job.error_retryable = False


def _submitted(session: Session, user_id: str, keys: list[str | None]) -> list[JobView]:
    rows = session.scalars(
        select(Job).where(col(Job.user_id) == user_id, col(Job.request_key).in_(keys)).order_by(col(Job.id))
    ).all()
    return queue_state.views_in(session, rows)
