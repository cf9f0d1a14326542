"""How long a job waits for an idle worker: from the moment it is submitted to the moment it has begun."""

import statistics
import time

from bench.installation import installation, worker
from services.jobs import reading, submission
from tests.support.job_pictures import FREE, picture

JOBS, WARM_UP = 60, 5


def measure() -> dict[str, float]:
    """Milliseconds from the call of `submit` to the start the worker wrote down: median and 95th percentile."""
    with installation() as here, worker(here.settings):
        photo = picture(here.actor)
        waits = []
        for _ in range(WARM_UP + JOBS):
            called = time.time()
            job = reading.wait_for(here.actor, submission.submit(here.actor, FREE, photo).id, 60)
            assert job.started_at is not None and job.error is None, job
            waits.append(1000 * (job.started_at.timestamp() - called))
            time.sleep(0.03)
    waits = sorted(waits[WARM_UP:])
    return {
        "median_ms": round(statistics.median(waits), 1),
        "p95_ms": round(waits[int(0.95 * (len(waits) - 1))], 1),
        "jobs": float(JOBS),
    }


if __name__ == "__main__":
    print(measure())
