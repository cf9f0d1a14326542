"""The record of each call to a provider: written before it is sent, completed after its answer. For workers only."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

import db
from db.clock import now
from db.models.jobs import Job, JobStatus
from db.models.providers import CallStatus, ProviderCall
from services.errors import Unavailable
from services.jobs.run import intermediates, retries
from services.jobs.settlement import Start
from services.studio.prompts import Prompt
from services.studio.providers import registry
from services.studio.providers.contract import EditAnswer
from services.studio.providers.errors import OutcomeUnknown, ProviderError
from services.studio.rendered import Cancelled


@dataclass(frozen=True)
class Call:
    """A call as it is written down. `key` is the same for calls that are made because it is not known what came of the
    first; `price_micros` is what a picture was to cost."""

    id: str
    key: str
    provider: str
    vendor_id: str | None
    answer_key: str | None
    price_micros: int
    seconds: float


def opened(start: Start, step: int, operation: str, prompt: Prompt) -> Call:
    """Write a call down before it is sent. Or the earlier call for this step that brought a picture, or whose job the
    provider still has. Two workers cannot both write the same attempt, and only the start that owns the run may write
    one. Raises Cancelled."""
    with db.transaction() as session:
        _lock(session, start)
        before = session.exec(
            select(ProviderCall)
            .where(ProviderCall.job_id == start.job_id, ProviderCall.run == start.run, ProviderCall.step == step)
            .order_by(col(ProviderCall.attempt))
        ).all()
        for row in before:
            if row.answer_key or (row.vendor_id and row.status == CallStatus.STARTED):
                return _call(row)
        for row in before:
            if row.status == CallStatus.STARTED:  # of a worker that died, or was taken for dead: it may still say
                row.status, row.finished_at = CallStatus.UNKNOWN, now()
                row.cause = "its worker ended before it wrote down what came of it"
        row = ProviderCall(
            job_id=start.job_id,
            user_id=start.user_id,
            run=start.run,
            step=step,
            attempt=len(before) + 1,
            provider=prompt.provider,
            model=prompt.model,
            operation=operation,
            prompt_version_id=prompt.id,
            cost_micros=prompt.price_micros,
        )
        session.add(row)
        return _call(row, _unsettled(before) or row.id)


def again(start: Start, call_id: str) -> Call:
    """A call as it is now, for the start that owns its run. Raises Cancelled."""
    with db.transaction() as session:
        _lock(session, start)
        return _call(session.get_one(ProviderCall, call_id))


def submitted(call_id: str, vendor_id: str, price_micros: int) -> str:
    """Write down the provider's job, before it is first polled, and what it is to cost; the id of the call that has
    it. That is another one where another worker was answered with the same job, for the same key, and wrote it down
    first: this call then counts nothing. Whether the job is still wanted is not asked: one that is not is found by its
    id."""

    def write() -> str:
        with db.transaction() as session:
            row = _locked(session, call_id)
            holder = session.exec(
                select(ProviderCall.id).where(
                    *_of_the_same_step(row), ProviderCall.id != row.id, ProviderCall.vendor_id == vendor_id
                )
            ).first()
            if holder is not None:
                row.status, row.cost_micros, row.finished_at = CallStatus.UNKNOWN, 0, now()
                row.cause = f"its job stands in {holder}"
                return holder
            row.vendor_id, row.cost_micros = vendor_id, price_micros
            row.status, row.finished_at, row.cause = CallStatus.STARTED, None, ""
            _count_once(session, row)
            return row.id

    return retries.outlast_outages(write)


def closed_unanswered(call_id: str, error: ProviderError, seconds: float) -> None:
    """Write down that a call brought no picture, and why. One whose outcome is not known goes on counting its price."""
    if isinstance(error, OutcomeUnknown):
        closed(call_id, CallStatus.UNKNOWN, seconds, error_code=error.code, cause=error.cause)
        return
    status = CallStatus.REFUSED if error.status == 422 else CallStatus.FAILED
    closed(call_id, status, seconds, error_code=error.code, cause=error.cause, cost_micros=error.cost_micros)


def closed_answered(call_id: str, answer: EditAnswer, price_micros: int, seconds: float) -> str:
    """Keep what a call brought and write down that it did; the key. The picture is paid for: its cost is written down
    first, and an outage of our store is waited out rather than asking again."""
    lost = {"error_code": Unavailable.code, "cause": "the picture that came was not stored"}
    cost = price_micros if answer.cost_micros is None else answer.cost_micros
    closed(call_id, CallStatus.FAILED, seconds, cost_micros=cost, **lost)
    type = intermediates.content_type(answer.picture)
    key = retries.outlast_outages(lambda: intermediates.store(answer.picture, type))
    closed(call_id, CallStatus.SUCCEEDED, seconds, answer_key=key, error_code=None, cause="")
    return key


def closed(call_id: str, status: CallStatus, seconds: float, **values: str | int | None) -> None:
    """Write down how a call ended, after `seconds`."""

    def write() -> None:
        with db.transaction() as session:
            row = _locked(session, call_id)
            took = round(seconds * 1000)
            row.sqlmodel_update({"status": status, "duration_ms": took, "finished_at": now(), **values})
            session.add(row)
            if status == CallStatus.SUCCEEDED:
                _count_once(session, row)

    retries.outlast_outages(write)


def _lock(session: Session, start: Start) -> None:
    owned = session.exec(
        select(Job.id)
        .where(
            Job.id == start.job_id,
            Job.run == start.run,
            Job.attempts == start.attempt,
            Job.status == JobStatus.RUNNING,
        )
        .with_for_update()
    ).first()
    if owned is None:
        raise Cancelled


def _locked(session: Session, call_id: str) -> ProviderCall:
    """The call, to be written after or before, not while, another start of the run looks what there is of it."""
    its_job = select(ProviderCall.job_id).where(ProviderCall.id == call_id).scalar_subquery()
    session.exec(select(Job.id).where(Job.id == its_job).with_for_update()).one()
    return session.get_one(ProviderCall, call_id)


def _unsettled(before: Sequence[ProviderCall]) -> str | None:
    """The first call whose outcome is not known, after those that the provider has answered with a job or a picture."""
    first = None
    for row in before:
        if row.vendor_id is not None or row.status in (CallStatus.SUCCEEDED, CallStatus.REFUSED):
            first = None
        elif first is None and row.status == CallStatus.UNKNOWN:
            first = row.id
    return first


def _count_once(session: Session, row: ProviderCall) -> None:
    """Where the provider takes keys, what it has of a call is what the unknown ones beside it may have brought: those
    before it, and one that another worker sent while this one was not heard of."""
    provider = registry.find(row.provider)
    if provider is not None and provider.takes_keys:
        session.execute(
            sa.update(ProviderCall)
            .where(
                *_of_the_same_step(row),
                col(ProviderCall.id) != row.id,
                col(ProviderCall.status) == CallStatus.UNKNOWN,
            )
            .values(cost_micros=0, finished_at=now())
        )


def _of_the_same_step(row: ProviderCall) -> tuple[sa.ColumnElement[bool], ...]:
    """The calls to its provider for one step of one run."""
    return (
        col(ProviderCall.job_id) == row.job_id,
        col(ProviderCall.run) == row.run,
        col(ProviderCall.step) == row.step,
        col(ProviderCall.provider) == row.provider,
    )


def _call(row: ProviderCall, key: str | None = None) -> Call:
    age = (now() - row.created_at).total_seconds()
    return Call(row.id, key or row.id, row.provider, row.vendor_id, row.answer_key, row.cost_micros, age)
