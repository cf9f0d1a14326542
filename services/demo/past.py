"""Simulating past days: the clock is moved, and the services' own functions grant credits, end jobs and apply
payments."""

import json
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

import db
from db import clock
from db.ids import new_id
from db.models import CallStatus, Job, JobStatus, PaymentEvent, ProviderCall
from services.accounts.actor import Actor
from services.billing import checkout, settlement, simulation
from services.billing.pricing import Offer
from services.credits import ledger
from services.credits.errors import InsufficientCredits
from services.jobs import settlement as job_settlement
from services.jobs.priority import priority
from services.jobs.queues import queue_of
from services.jobs.run import faults
from services.jobs.settlement import Finished, Outcome, Start
from services.library.storage import StorageUnavailable
from services.studio.encoding import ImageUnreadable
from services.studio.pricing import quote
from services.studio.prompts import shipped
from services.studio.providers.errors import ContentRefused, ProviderDown
from services.studio.recipes import Recipe, parse_recipe

_WORKER = "wrk_demo"
_GONE_WRONG = (faults.failure(ImageUnreadable()), faults.INTERNAL, faults.failure(StorageUnavailable()))
_REFUSED = faults.failure(ContentRefused())
RESTYLE = parse_recipe({"steps": [{"op": "restyle", "params": {"style": "cute", "size": "medium"}}]})


@contextmanager
def moved_clock() -> Iterator[None]:
    """Restore the clock afterwards."""
    offset = clock.now() - datetime.now(UTC)
    try:
        yield
    finally:
        clock.travel(offset if abs(offset) > timedelta(seconds=1) else timedelta())


def go_to(moment: datetime) -> None:
    """Set the clock to `moment`."""
    clock.travel(moment - datetime.now(UTC))


def worked(
    actor: Actor,
    recipe: Recipe,
    asset_id: str,
    product_id: str | None,
    made: Outcome,
    at: datetime,
    pick: random.Random,
) -> datetime | None:
    """Run a job submitted at `at` and return when it ended; it mostly succeeds. None if there are too few credits.

    `made` holds its result.
    """
    wait, run, fate = pick.lognormvariate(-1.2, 0.9), pick.lognormvariate(0.4, 0.5), pick.random()
    go_to(at)
    with db.transaction() as session:
        job_id = _submitted(session, actor, recipe, asset_id, product_id)
        if job_id is None:
            return None
        at += timedelta(seconds=wait)
        go_to(at)
        start = job_settlement.begin(session, job_id, 1, _WORKER)
        assert start is not None
        outcome: Outcome | None = _outcome(made, asset_id, recipe)
        if recipe == RESTYLE:
            at += timedelta(seconds=_called(session, start, at, pick, refused=fate < 0.05))
            outcome = Outcome(0, failure=_REFUSED) if fate < 0.05 else outcome
        elif fate < 0.02:
            outcome = None
        elif fate < 0.07:
            outcome = Outcome(0, failure=pick.choice(_GONE_WRONG))
        elif fate < 0.1:
            outcome = _outcome(made, asset_id, recipe, charged=False)  # a doubtful result
        at += timedelta(seconds=run)
        go_to(at)
        if outcome is None:
            _cancel(session, start)
        else:
            job_settlement.end(session, job_id, 1, replace(outcome, attempt=start.attempt))
    return at


def _submitted(session: Session, actor: Actor, recipe: Recipe, asset_id: str, product_id: str | None) -> str | None:
    job_id, credits = new_id("job"), quote(recipe).credits_total
    try:
        hold = ledger.hold(session, actor.id, credits, key=f"hold:{job_id}:1", job_id=job_id, actor=actor.id)
    except InsufficientCredits:
        return None
    session.add(
        Job(
            id=job_id,
            user_id=actor.id,
            queue=queue_of(recipe),
            priority=priority(actor.tier, 0),
            recipe=recipe.canonical(),
            input_asset_id=asset_id,
            product_id=product_id,
            hold_id=hold,
            credits_held=credits,
        )
    )
    session.flush()
    return job_id


def _cancel(session: Session, start: Start) -> None:
    """Cancelled by its owner, credits released."""
    row = session.execute(
        sa.update(Job)
        .where(col(Job.id) == start.job_id)
        .values(status=JobStatus.CANCELLED, stage="cancelled", credits_held=0, finished_at=db.now())
        .returning(col(Job.hold_id))
        .execution_options(synchronize_session=False)
    ).one()
    ledger.release(session, row.hold_id, actor=start.user_id)


def _outcome(made: Outcome, parent_id: str, recipe: Recipe, *, charged: bool = True) -> Outcome:
    results: tuple[Finished, ...] = tuple(
        replace(
            result,
            parent_id=parent_id,
            operations=" ".join(step.op for step in recipe.steps),
            details={**result.details, "recipe": recipe.canonical()},
        )
        for result in made.results
    )
    return replace(made, results=results, charged=charged)


def _called(session: Session, start: Start, at: datetime, pick: random.Random, *, refused: bool) -> float:
    """Calls to a provider for a job, of which some fail and are retried; returns the seconds they took together."""
    prompt, attempts = shipped("restyle"), 2 if pick.random() < 0.12 else 1
    passed = 0.0
    for attempt in range(1, attempts + 1):
        seconds = pick.uniform(4, 11)
        failed = attempt < attempts
        status = CallStatus.FAILED if failed else CallStatus.REFUSED if refused else CallStatus.SUCCEEDED
        session.add(
            ProviderCall(
                job_id=start.job_id,
                user_id=start.user_id,
                step=0,
                attempt=attempt,
                provider=prompt.provider,
                model=prompt.model,
                operation=prompt.operation,
                status=status,
                error_code=ProviderDown.code if failed else ContentRefused.code if refused else None,
                cost_micros=prompt.price_micros if status == CallStatus.SUCCEEDED else 0,
                duration_ms=int(seconds * 1000),
                created_at=at + timedelta(seconds=passed),
                finished_at=at + timedelta(seconds=passed + seconds),
            )
        )
        passed += seconds
    return passed


def bought(actor: Actor, offer: Offer, at: datetime, *, declined_first: bool = False) -> str:
    """A purchase through the test checkout, paid a minute after it began; its payment's id."""
    payment_id = opened_checkout(actor, offer, at)
    if declined_first:
        go_to(at + timedelta(seconds=30))
        simulation.decline(actor, payment_id, _delivered)
    go_to(at + timedelta(seconds=60))
    simulation.pay(actor, payment_id, _delivered)
    return payment_id


def opened_checkout(actor: Actor, offer: Offer, at: datetime) -> str:
    """A checkout that is opened and not paid; returns the payment's id."""
    go_to(at)
    return checkout.start(actor, offer).payment_id


def expired(payment_id: str, at: datetime) -> None:
    """An open checkout expires unpaid."""
    go_to(at)
    session = {"id": f"cs_test_{payment_id}", "payment_status": "unpaid", "metadata": {"payment_id": payment_id}}
    _apply({"id": new_id("evt_test"), "type": "checkout.session.expired", "data": {"object": session}})


def refunded(actor: Actor, payment_id: str, cents: int, at: datetime) -> None:
    """A payment is refunded, and its credits are taken back."""
    go_to(at)
    simulation.refund(actor, payment_id, cents, _delivered)


def disputed(actor: Actor, payment_id: str, status: str, at: datetime) -> None:
    """A bank disputes a payment (`needs_response`), or has decided ("won", "lost")."""
    go_to(at)
    simulation.dispute(actor, payment_id, status, _delivered)


def _delivered(body: bytes, _headers: Mapping[str, str]) -> int:
    """Receive an event and apply it at once, since no worker runs in the past."""
    _apply(json.loads(body))
    return 200


def _apply(event: dict[str, Any]) -> None:
    with db.transaction() as session:
        session.add(PaymentEvent(id=event["id"], kind=event["type"], payload=event))
    settlement.apply_event(event["id"])
