"""One provider's step on one picture: a call at a time, written down before it is sent and completed after its answer.

Only workers import this.
"""

import hashlib
import io
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, replace

from PIL import Image
from sqlmodel import col, func, select

import db
from db.clock import now
from db.models.jobs import Job, JobStatus
from db.models.library import Asset
from db.models.providers import CallStatus, ProviderCall
from services.errors import Unavailable
from services.jobs.run import faults, retries
from services.jobs.run.progress import Tracked
from services.jobs.settlement import Failure, Start
from services.library import results, storage
from services.library.results import owned_assets
from services.studio import encoding, prompts, providers, quality
from services.studio.prompts import Prompt
from services.studio.providers.contract import EditAnswer, EditRequest, ProviderError
from services.studio.recipes import Leg
from services.studio.rendered import Cancelled, Check

log = logging.getLogger(__name__)

ASKING = "Waiting for the AI service"
LONGEST_WAIT_SECONDS = 120.0
"""A provider that asks for a longer pause than this is not asked again by itself."""

_SENT_SIDE = 2048
_SENT_AS_KEPT = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True)
class Intermediate:
    """A picture on its way through a recipe: its key in storage, what is known of it so far, and how long
    each stage took, in seconds."""

    key: str
    confidence: float | None = None
    doubts: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    seconds: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class NotDone:
    """Why a part of a recipe was not done, and in how many seconds to retry it; None for never by itself. `key` names a
    picture that came of it all the same and is of no use."""

    failure: Failure
    wait: float | None = None
    key: str | None = None


@dataclass(frozen=True)
class _Place:
    """Which step of which run."""

    job_id: str
    run: int
    step: int


def call(start: Start, leg: Leg, before: Intermediate | None, attempt: int, tracked: Tracked) -> Intermediate | NotDone:
    """Have the provider do its step on the picture, or on what `before` made of it: one call, or none if an
    earlier start of this run has its answer already.

    `attempt` counts the calls that the workflow has asked for. Raises Cancelled if this start no longer owns the run,
    and faults of storage or database.
    """
    place = _Place(start.job_id, start.run, leg.first)
    step = leg.steps[0]
    with db.snapshot() as session:
        asset = owned_assets(session, start.user_id, [start.asset_id])[0]
        prompt = prompts.in_force(session, step.op)
    provider = providers.provider(prompt.provider)
    sent, content_type, size = _sent(asset, before)
    request = EditRequest(
        model=prompt.model,
        prompt=prompts.filled(step.op, prompt.template, step.params),
        picture=sent,
        content_type=content_type,
        aspect_ratio=provider.aspect_ratio(*size),
        price_micros=prompt.price_micros,
    )
    started = time.perf_counter()
    tracked.report(ASKING, tracked.share)
    call_id, answered = _opened(start, place, step.op, prompt)
    if answered is None:
        try:
            answer = provider.edit(request)
        except ProviderError as error:
            _closed_unanswered(call_id, error, started)
            log.warning("job %s: %s answered with %s: %s", start.job_id, provider.name, error.code, error.cause)
            return NotDone(faults.failure(error), _wait(error, attempt))
        except Exception as error:
            _closed(call_id, CallStatus.FAILED, started, error_code="internal", cause=repr(error)[:500])
            raise
        answered = _closed_answered(call_id, answer, started)
        data = answer.picture
    else:
        data = storage.current().get(answered)
    try:
        check = quality.judge_answer(sent, data, request.aspect_ratio)
    except quality.Unacceptable as error:
        return NotDone(faults.failure(error), key=answered)
    so_far = before or Intermediate(key="")
    return replace(
        so_far,
        key=answered,
        checks=(*so_far.checks, check),
        seconds=(*so_far.seconds, ("ask the AI service", time.perf_counter() - started)),
    )


def store(data: bytes, content_type: str) -> str:
    """Store a picture that is on its way; its key. Its name is a picture's, so that the sweep of leftovers knows it."""
    digest = hashlib.sha256(data).hexdigest()
    ending = content_type.removeprefix("image/")
    key = f"{digest[:2]}/{digest[2:4]}/{digest}-{secrets.token_hex(4)}.{ending}"
    storage.current().put(key, data, content_type)
    return key


def remove(key: str) -> None:
    """Remove a picture that nobody needs any more, as far as the store lets us."""
    with suppress(storage.StorageUnavailable, storage.ObjectMissing):
        storage.current().delete(key)


def _sent(asset: Asset, before: Intermediate | None) -> tuple[bytes, str, tuple[int, int]]:
    """What the provider gets to see: the picture as kept if it may, else on white and no larger than it looks at."""
    data = results.load(asset) if before is None else storage.current().get(before.key)
    fits = max(asset.width, asset.height) <= _SENT_SIDE and not asset.has_alpha
    if before is None and fits and asset.content_type in _SENT_AS_KEPT:
        return data, asset.content_type, (asset.width, asset.height)
    try:
        with Image.open(io.BytesIO(data), formats=encoding.READABLE) as image:
            image.draft("RGB", (_SENT_SIDE, _SENT_SIDE))
            clear = image.has_transparency_data
            pixels = image.convert("RGBA" if clear else "RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise encoding.ImageUnreadable from error
    pixels.thumbnail((_SENT_SIDE, _SENT_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    if clear:
        white = Image.new("RGB", pixels.size, (255, 255, 255))
        white.paste(pixels, mask=pixels.getchannel("A"))
        pixels = white
    pixels.info = {}
    out = io.BytesIO()
    pixels.save(out, "JPEG", quality=92)
    return out.getvalue(), "image/jpeg", pixels.size


def _at(place: _Place) -> tuple[bool, ...]:
    return (
        ProviderCall.job_id == place.job_id,
        ProviderCall.run == place.run,
        ProviderCall.step == place.step,
    )


def _opened(start: Start, place: _Place, operation: str, prompt: Prompt) -> tuple[str, str | None]:
    """Write a call down before it is sent; its id. Or, if an earlier call for this place brought a picture, that call's
    id and the picture's key. Two workers cannot both write the same attempt, and only the start that owns the run may
    write one. Raises Cancelled."""
    with db.transaction() as session:
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
        answered = session.exec(
            select(ProviderCall).where(*_at(place), col(ProviderCall.answer_key).is_not(None))
        ).first()
        if answered is not None:
            return answered.id, answered.answer_key
        made = session.exec(select(func.max(ProviderCall.attempt)).where(*_at(place))).one() or 0
        row = ProviderCall(
            job_id=place.job_id,
            user_id=start.user_id,
            run=place.run,
            step=place.step,
            attempt=made + 1,
            provider=prompt.provider,
            model=prompt.model,
            operation=operation,
            prompt_version_id=prompt.id,
        )
        session.add(row)
        return row.id, None


def _closed_unanswered(call_id: str, error: ProviderError, started: float) -> None:
    status = CallStatus.REFUSED if error.status == 422 else CallStatus.FAILED
    _closed(call_id, status, started, error_code=error.code, cause=error.cause, cost_micros=error.cost_micros)


def _closed_answered(call_id: str, answer: EditAnswer, started: float) -> str:
    """Keep what a call brought and write down that it did; the key. The picture is paid for: its cost is written down
    first, and an outage of our store is waited out rather than asking again."""
    lost = {"error_code": Unavailable.code, "cause": "the picture that came was not stored"}
    _closed(call_id, CallStatus.FAILED, started, cost_micros=answer.cost_micros, **lost)
    key = retries.outlast_outages(lambda: store(answer.picture, _content_type(answer.picture)))
    _closed(call_id, CallStatus.SUCCEEDED, started, answer_key=key, error_code=None, cause="")
    return key


def _closed(call_id: str, status: CallStatus, started: float, **values: str | int | None) -> None:
    took = round((time.perf_counter() - started) * 1000)

    def write() -> None:
        with db.transaction() as session:
            row = session.get_one(ProviderCall, call_id)
            # after or before, not while, another start of the run looks whether there is an answer
            session.exec(select(Job.id).where(Job.id == row.job_id).with_for_update()).one()
            row.sqlmodel_update({"status": status, "duration_ms": took, "finished_at": now(), **values})
            session.add(row)

    retries.outlast_outages(write)


def _content_type(data: bytes) -> str:
    if data.startswith(b"\xff\xd8"):
        return "image/jpeg"
    return "image/webp" if data[8:12] == b"WEBP" else "image/png"


def _wait(error: ProviderError, attempt: int) -> float | None:
    """Seconds until the next call: the back-off, or longer if the provider says so; None for no other."""
    if not error.transient:
        return None
    wait = max(retries.back_off(attempt), error.retry_after or 0.0)
    return wait if wait <= LONGEST_WAIT_SECONDS else None
