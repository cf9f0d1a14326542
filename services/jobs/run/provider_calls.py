"""One provider's step on one picture: submitted once, then polled where the provider makes a job of it.

Only workers import this.
"""

import io
import logging
import time
from dataclasses import dataclass, replace

from PIL import Image

import db
from db.models.library import Asset
from db.models.providers import CallStatus
from services.jobs.run import call_records, faults, retries
from services.jobs.run.intermediates import Intermediate, NotDone
from services.jobs.run.progress import Tracked
from services.jobs.settlement import Start
from services.library import results, storage
from services.library.results import owned_assets
from services.studio import encoding, prompts, quality
from services.studio.operations import registry as operations
from services.studio.providers import registry, resolver
from services.studio.providers.contract import Connection, EditRequest, NamedPicture, Pending
from services.studio.providers.errors import ProviderDown, ProviderError, ProviderJobFailed, ProviderNotConfigured
from services.studio.recipes import Leg

log = logging.getLogger(__name__)

ASKING = "Waiting for the AI service"
LONGEST_WAIT_SECONDS = 120.0
"""A provider that asks for a longer pause than this is not asked again by itself."""
LONGEST_JOB_SECONDS = 15 * 60.0
"""A provider's job that takes longer than this is given up."""

_FIRST_POLL_SECONDS, _POLL_GROWTH, _LONGEST_POLL_SECONDS = 1.0, 1.5, 15.0
_SENT_SIDE = 2048
_SENT_AS_KEPT = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True)
class Waiting:
    """A provider's job that is to be polled after `wait` seconds, for the `polls`-th time."""

    call_id: str
    vendor_id: str
    aspect_ratio: str
    wait: float
    polls: int = 1


def submit(
    start: Start, leg: Leg, before: Intermediate | None, attempt: int, tracked: Tracked
) -> Intermediate | Waiting | NotDone:
    """Have the provider do its step on the picture, or on what `before` made of it: one submission, or none if an
    earlier start of this run has its answer or its job already.

    `attempt` counts the submissions that the workflow has asked for. Raises Cancelled if this start no longer owns the
    run, ProviderNotConfigured, and faults of storage or database.
    """
    step = leg.steps[0]
    with db.snapshot() as session:
        asset = owned_assets(session, start.user_id, [start.asset_id])[0]
        named = step.operation.pictures(step.params)
        others = dict(zip(named, owned_assets(session, start.user_id, list(named.values())), strict=True))
        route = resolver.resolve(session, operations.operation(step.op))
    prompt, provider = route.prompt, route.open()
    sent, content_type, size = _sent(asset, before)
    ratio = provider.aspect_ratio(*size)
    # all that can fail on our side comes before the row, which counts a picture's price
    further = tuple(NamedPicture(name, *_sent(other, None)[:2]) for name, other in others.items())
    words = prompts.filled(step.op, prompt.template, step.params)
    began = time.perf_counter()
    tracked.report(ASKING, tracked.share)
    call = call_records.opened(start, leg.first, step.op, prompt)
    if call.answer_key is not None:
        return _judged(sent, ratio, call.answer_key, storage.current().get(call.answer_key), before, began)
    if call.vendor_id is not None:
        return Waiting(call.id, call.vendor_id, ratio, _poll_wait(1, None))
    request = EditRequest(
        model=prompt.model,
        prompt=words,
        picture=sent,
        content_type=content_type,
        aspect_ratio=ratio,
        price_micros=prompt.price_micros,
        key=call.key,
        others=further,
    )
    try:
        made = provider.submit(request)
    except Exception as error:  # noqa: BLE001  the provider classifies it; what is ours is raised on
        found = _classified(provider, error, call.id, time.perf_counter() - began)
        _log(start, prompt.provider, found)
        call_records.closed_unanswered(call.id, found, time.perf_counter() - began)
        return NotDone(faults.failure(found), _wait(found, attempt))
    if made.answer is None:
        assert made.vendor_id is not None, "a submission brings an answer or a job"
        holder = call_records.submitted(call.id, made.vendor_id, prompt.price_micros)
        return Waiting(holder, made.vendor_id, ratio, _poll_wait(1, None))
    key = call_records.closed_answered(call.id, made.answer, prompt.price_micros, time.perf_counter() - began)
    return _judged(sent, ratio, key, made.answer.picture, before, began)


def poll(
    start: Start, before: Intermediate | None, waiting: Waiting, attempt: int, tracked: Tracked
) -> Intermediate | Waiting | NotDone:
    """Look how far the provider's job is, and take its picture when it is done. Raises as `submit` does."""
    began = time.perf_counter()
    tracked.report(ASKING, tracked.share)
    call = call_records.again(start, waiting.call_id)
    key = call.answer_key
    if key is None:
        provider = _connection(call.provider)
        try:
            found = provider.poll(waiting.vendor_id)
        except Exception as error:  # noqa: BLE001  as above
            classified = _classified(provider, error, call.id, call.seconds)
            _log(start, call.provider, classified)
            if not classified.transient or isinstance(classified, ProviderJobFailed):
                call_records.closed_unanswered(call.id, classified, call.seconds)
                return NotDone(faults.failure(classified), _wait(classified, attempt))
            found = Pending(classified.retry_after)
        if isinstance(found, Pending):
            if call.seconds <= LONGEST_JOB_SECONDS:
                polls = waiting.polls + 1
                return replace(waiting, polls=polls, wait=_poll_wait(polls, found.retry_after))
            return _given_up(provider, call, waiting.vendor_id)
        key = call_records.closed_answered(call.id, found, call.price_micros, call.seconds)
    with db.snapshot() as session:
        asset = owned_assets(session, start.user_id, [start.asset_id])[0]
    sent, _, _ = _sent(asset, before)
    return _judged(sent, waiting.aspect_ratio, key, storage.current().get(key), before, began)


def _judged(
    sent: bytes, ratio: str, key: str, data: bytes, before: Intermediate | None, began: float
) -> Intermediate | NotDone:
    try:
        check = quality.judge_answer(sent, data, ratio)
    except quality.Unacceptable as error:
        return NotDone(faults.failure(error), key=key)
    so_far = before or Intermediate(key="")
    return replace(
        so_far,
        key=key,
        checks=(*so_far.checks, check),
        seconds=(*so_far.seconds, ("ask the AI service", time.perf_counter() - began)),
    )


def _connection(name: str) -> Connection:
    """The provider that has a job of ours, whoever a prompt names by now."""
    found = registry.find(name)
    if found is None or not found.is_configured:
        raise ProviderNotConfigured("The AI service", None if found is None else found.setting)
    return found.open()


def _classified(provider: Connection, error: Exception, call_id: str, seconds: float) -> ProviderError:
    """What the provider's error means. A fault of ours is written down and raised on."""
    found = provider.classify(error)
    if found is None:
        call_records.closed(call_id, CallStatus.FAILED, seconds, error_code="internal", cause=repr(error)[:500])
        raise error
    return found


def _given_up(provider: Connection, call: call_records.Call, vendor_id: str) -> NotDone:
    """The job took too long. It may yet be paid for, so another is not submitted by itself."""
    try:
        provider.cancel(vendor_id)
    except Exception as error:  # noqa: BLE001  a courtesy to the provider; we are done with its job either way
        log.warning("%s did not cancel its job %s: %s", call.provider, vendor_id, error)
    late = ProviderDown(cause=f"not done after {call.seconds:.0f} s", cost_micros=call.price_micros)
    call_records.closed_unanswered(call.id, late, call.seconds)
    return NotDone(faults.failure(late))


def _log(start: Start, provider: str, error: ProviderError) -> None:
    log.warning("job %s: %s answered with %s: %s", start.job_id, provider, error.code, error.cause)


def _poll_wait(polls: int, retry_after: float | None) -> float:
    """Seconds until the next poll: growing, or longer if the provider says so."""
    growing = min(_LONGEST_POLL_SECONDS, _FIRST_POLL_SECONDS * _POLL_GROWTH ** (polls - 1))
    return max(growing, min(retry_after or 0.0, LONGEST_WAIT_SECONDS))


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


def _wait(error: ProviderError, attempt: int) -> float | None:
    """Seconds until the next call: the back-off, or longer if the provider says so; None for no other."""
    if not error.transient:
        return None
    wait = max(retries.back_off(attempt), error.retry_after or 0.0)
    return wait if wait <= LONGEST_WAIT_SECONDS else None
