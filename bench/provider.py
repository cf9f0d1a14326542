"""Our overhead around a provider's call at 2 MP: reading the photo, the SDK's request, recording the call, checking
the answer, storing it.

The provider is the tests' fake of Google's API in a process of its own. It answers as soon as it has read and checked
the request, so all that is measured is overhead: ours, the SDK's and a little of the fake's. `job_p50_ms`
is the whole job in a worker process from start to settlement, with its checkpoints and the result's file, preview and
thumb.
"""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from pydantic import SecretStr
from sqlmodel import select

import config
import db
from bench.installation import Installation, installation, worker
from db.models.jobs import Job, JobStatus
from services.jobs import cancellation, reading, settlement, submission
from services.jobs.run import intermediates, provider_calls
from services.jobs.run.progress import Tracked
from services.jobs.views import ACTIVE
from services.library import assets
from services.studio.providers.gemini import GeminiSettings
from services.studio.recipes import legs, parse_recipe
from tests.fakes.gemini import KEY, fake_gemini, plush
from tests.support.job_pictures import product_photo

SIDE, CALLS, JOBS = 1440, 15, 8
RECIPE = {"steps": [{"op": "restyle"}]}
_LONGEST_SECONDS = 120


def measure() -> dict[str, float]:
    """Medians in milliseconds: of a call's step, and of a whole job."""
    with _provider() as address, installation() as here:
        own = {"providers": (GeminiSettings(api_key=SecretStr(KEY), base_url=address),)}
        config.configure(here.settings.model_copy(update=own))
        photo = assets.upload(here.actor, product_photo(SIDE), "mug.png").id
        steps = [_one_call(here, photo) for _ in range(CALLS + 2)][2:]
        os.environ |= {"VITRINE_GEMINI_API_KEY": KEY, "VITRINE_GEMINI_BASE_URL": address}
        with worker(here.settings):
            whole = [_one_job(here, photo) for _ in range(JOBS + 2)][2:]
    return {
        "p50_ms": round(statistics.median(steps) * 1000, 1),
        "p95_ms": round(sorted(steps)[int(0.95 * len(steps))] * 1000, 1),
        "job_p50_ms": round(statistics.median(whole) * 1000, 1),
        "megapixels": round(SIDE * SIDE / 1e6, 2),
        "calls": CALLS,
    }


def _one_call(here: Installation, photo: str) -> float:
    """Seconds that a call's step takes."""
    job = submission.submit(here.actor, RECIPE, photo)
    with db.transaction() as session:
        start = settlement.begin(session, job.id, 1, "bench")
    assert start is not None
    (leg, _) = legs(parse_recipe(RECIPE))
    began = time.perf_counter()
    made = provider_calls.submit(start, leg, None, 1, Tracked(start))
    took = time.perf_counter() - began
    assert isinstance(made, intermediates.Intermediate), made
    cancellation.cancel_job(here.actor, job.id)
    return took


def _one_job(here: Installation, photo: str) -> float:
    """Seconds from the worker's start of a job to its end, by the job's own times."""
    job = submission.submit(here.actor, RECIPE, photo)
    deadline = time.monotonic() + _LONGEST_SECONDS
    while reading.get_job(here.actor, job.id).status in ACTIVE:
        if time.monotonic() > deadline:
            raise TimeoutError("the worker did not finish the job")
        time.sleep(0.02)
    with db.snapshot() as session:
        row = session.exec(select(Job).where(Job.id == job.id)).one()
    assert row.status == JobStatus.SUCCEEDED and row.started_at and row.finished_at, row
    return (row.finished_at - row.started_at).total_seconds()


@contextmanager
def _provider() -> Iterator[str]:
    """The fake in a process of its own; its address."""
    context = get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_serve, args=(its,), daemon=True)
    process.start()
    yield ours.recv()
    ours.send("enough")
    process.join(10)


def _serve(pipe: Connection) -> None:
    plush(1024, 1024)  # drawn before the first request
    with fake_gemini() as fake:
        pipe.send(fake.url)
        pipe.recv()


if __name__ == "__main__":
    print(measure())
