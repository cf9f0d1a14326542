"""Submitting work: the credits are set aside, the jobs are written and queued, all in one transaction or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from db.clock import now
from db.ids import new_id
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.catalog.owned import open_products
from services.credits import ledger
from services.engine import client
from services.errors import Conflict, FieldError, Invalid, NotFound
from services.jobs import queue_state, queues
from services.jobs.charges import credits_for
from services.jobs.errors import PriceChanged
from services.jobs.priority import priority, retries, waiting
from services.jobs.views import FROM_API, JobView, Origin
from services.library.results import owned_assets
from services.studio.engines import settled
from services.studio.named_pictures import with_inputs
from services.studio.pricing import current_prices
from services.studio.recipes import Recipe, asset_references, main_picture, parse_recipe

MAX_PICTURES = 500

_NO_INPUTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Picture:
    """What one job works on. The result becomes a picture of the product, if one is named. `key` makes a repeat the
    same job."""

    asset_id: str
    product_id: str | None = None
    key: str | None = None


def submit(
    actor: Actor,
    recipe: object,
    asset_id: str | None,
    *,
    inputs: Mapping[str, str] = _NO_INPUTS,
    origin: Origin = FROM_API,
    product_id: str | None = None,
    max_credits: int | None = None,
    key: str | None = None,
) -> JobView:
    """Queue one job that makes one picture; if `asset_id` is None, of the first that an operation cannot do without.

    `inputs` are further pictures by the names of the operations' parameters for them, beside those in the recipe. `key`
    makes a repeated call (a double click, a resent form) return the job of the first. Raises InvalidRecipe,
    NotFound for a picture or product that is not this person's, ProductArchived, PriceChanged if it costs more than
    `max_credits`, InsufficientCredits, ProviderNotConfigured for a recipe whose provider has no key here.
    """
    complete = parse_recipe(with_inputs(recipe, inputs))
    chosen = asset_id or main_picture(complete)
    if chosen is None:
        raise Invalid(errors=(FieldError("asset_ids", "Name the picture to work on."),))
    picture = Picture(chosen, product_id, None if key is None else f"{key}#0")
    return _submit(actor, complete, [picture], origin, max_credits)[0]


def submit_many(
    actor: Actor,
    recipe: object,
    asset_ids: Sequence[str],
    *,
    origin: Origin = FROM_API,
    product_id: str | None = None,
    max_credits: int | None = None,
    key: str | None = None,
) -> list[JobView]:
    """Queue one job for each picture, all or none; in the order given. `max_credits` is for all of them together.
    Raises what `submit` raises."""
    pictures = [
        Picture(asset_id, product_id, key=None if key is None else f"{key}#{number}")
        for number, asset_id in enumerate(asset_ids)
    ]
    return _submit(actor, recipe, pictures, origin, max_credits)


def checked_recipe(actor: Actor, recipe: object) -> Recipe:
    """The recipe, if this person may submit it and it can run here. Call before the transaction that queues it."""
    actor.require_scope("write")
    parsed = settled(parse_recipe(recipe))
    client.client()  # opened before the transaction: its first use creates the engine's tables
    return parsed


def queue_pictures(
    session: Session,
    actor: Actor,
    recipe: Recipe,
    pictures: Sequence[Picture],
    *,
    origin: Origin,
    max_credits: int | None = None,
) -> list[Job]:
    """Queue a job for each picture in the caller's transaction, with a recipe from `checked_recipe`. Raises what
    `submit` raises; the caller then rolls back."""
    if not 1 <= len(pictures) <= MAX_PICTURES:
        detail = f"Choose between 1 and {MAX_PICTURES} pictures."
        raise Invalid(detail, errors=(FieldError("asset_ids", detail),))
    open_products(session, actor.id, {picture.product_id for picture in pictures if picture.product_id is not None})
    named = [picture.asset_id for picture in pictures]
    owned_assets(session, actor.id, list(dict.fromkeys([*named, *asset_references(recipe)])))
    credits = credits_for(session, actor.id, recipe, named, current_prices(session))
    if max_credits is not None and sum(credits) > max_credits:
        raise PriceChanged(sum(credits), max_credits)
    queue, already = queues.queue_of(recipe), waiting(session, actor.id)
    jobs = [
        Job(
            id=new_id("job"),
            user_id=actor.id,
            queue=queue,
            priority=priority(actor.tier, already + number),
            recipe=recipe.canonical(),
            input_asset_id=picture.asset_id,
            origin_kind=origin.kind,
            origin_id=origin.id,
            product_id=picture.product_id,
            credits_held=credits[number],
            request_key=picture.key,
        )
        for number, picture in enumerate(pictures)
    ]
    _start_runs(session, actor, jobs)
    # one statement for all of them; here, where a key used twice can be told from a fault of the engine
    session.execute(sa.insert(Job).returning(col(Job.id)), [job.model_dump() for job in jobs])
    return jobs


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
        _queue_again(session, actor, [job])
        return queue_state.view_in(session, job)


def retry_failed(session: Session, actor: Actor, origin_id: str) -> int:
    """Queue all failed jobs of an origin again in the caller's transaction, all or none; how many. Call
    `engine.client.client()` before the transaction. Raises what `submit` raises."""
    failed = session.scalars(
        select(Job)
        .where(col(Job.user_id) == actor.id, col(Job.origin_id) == origin_id, col(Job.status) == JobStatus.FAILED)
        .order_by(col(Job.id))
        .with_for_update()
    ).all()
    if failed:
        _queue_again(session, actor, failed)
    return len(failed)


def _submit(
    actor: Actor, data: object, pictures: Sequence[Picture], origin: Origin, max_credits: int | None
) -> list[JobView]:
    recipe = checked_recipe(actor, data)
    keys = [picture.key for picture in pictures if picture.key is not None]
    try:
        with db.transaction() as session:
            if keys and (repeated := _submitted(session, actor.id, keys)):
                return repeated
            jobs = queue_pictures(session, actor, recipe, pictures, origin=origin, max_credits=max_credits)
            return queue_state.views_in(session, jobs)
    except IntegrityError:
        with db.snapshot() as session:  # the same key at the same moment: the other one won
            if keys and (repeated := _submitted(session, actor.id, keys)):
                return repeated
        raise


def _start_runs(session: Session, actor: Actor, jobs: Sequence[Job]) -> None:
    """Queue the present run of each job and set its credits aside, the account locked once."""
    for job in jobs:
        queues.enqueue(session, job.id, job.run, priority=job.priority, retries=retries(actor.tier), queue=job.queue)
    wanted = [ledger.HoldRequest(job.credits_held, f"hold:{job.id}:{job.run}", job.id) for job in jobs]
    holds = ledger.hold_all(session, actor.id, wanted, actor=actor.id)
    for job, hold_id in zip(jobs, holds, strict=True):
        job.hold_id = hold_id


def _queue_again(session: Session, actor: Actor, jobs: Sequence[Job]) -> None:
    """Queue jobs that have ended again, each as its next run, before everybody's first ones."""
    prices, already = current_prices(session), waiting(session, actor.id)
    recipes = [settled(parse_recipe(job.recipe), session) for job in jobs]
    open_products(session, actor.id, {job.product_id for job in jobs if job.product_id is not None})
    named = [job.input_asset_id for job in jobs]
    referred = [id for recipe in recipes for id in asset_references(recipe)]
    owned_assets(session, actor.id, list(dict.fromkeys([*named, *referred])))
    for number, (job, recipe) in enumerate(zip(jobs, recipes, strict=True)):
        job.run += 1
        job.priority = priority(actor.tier, already + number, retry=True)
        [job.credits_held] = credits_for(session, actor.id, recipe, [job.input_asset_id], prices)
        job.status, job.stage, job.progress, job.queued_at = JobStatus.QUEUED, "queued", 0.0, now()
        job.attempts, job.credits_charged, job.doubtful = 0, 0, False
        job.worker_id = job.started_at = job.finished_at = job.quality = None
        job.error_code = job.error_message = None
        job.error_retryable = False
    _start_runs(session, actor, jobs)
    session.flush()


def _submitted(session: Session, user_id: str, keys: Sequence[str]) -> list[JobView]:
    rows = session.scalars(
        select(Job).where(col(Job.user_id) == user_id, col(Job.request_key).in_(keys)).order_by(col(Job.id))
    ).all()
    return queue_state.views_in(session, rows)
