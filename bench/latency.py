"""How long a job waits for an idle worker: from its submission to its start."""

import statistics
import time

from bench.installation import installation, worker
from services.jobs import reading, submission
from tests.support.job_pictures import FREE, picture
from tests.support.postgres import PostgresServer

JOBS, WARM_UP = 60, 5


def measure() -> dict[str, float]:
    """Milliseconds from the call of `submit` to the start that the worker recorded, on each database: median and 95th
    percentile. `p95_ms` is that of the worse one."""
    server = PostgresServer()
    try:
        waits = {"sqlite": _waits(""), "postgresql": _waits(server.create_database())}
    finally:
        server.stop()
    found = {"p95_ms": 0.0, "jobs": float(JOBS)}
    for database, waited in waits.items():
        p95 = round(waited[int(0.95 * (len(waited) - 1))], 1)
        found |= {f"median_ms_{database}": round(statistics.median(waited), 1), f"p95_ms_{database}": p95}
        found["p95_ms"] = max(found["p95_ms"], p95)
    return found


def _waits(database_url: str) -> list[float]:
    """Ascending."""
    with installation(database_url) as here, worker(here.settings):
        photo = picture(here.actor)
        waits = []
        for _ in range(WARM_UP + JOBS):
            called = time.time()
            job = reading.wait_for(here.actor, submission.submit(here.actor, FREE, photo).id, 60)
            assert job.started_at is not None and job.error is None, job
            waits.append(1000 * (job.started_at.timestamp() - called))
            time.sleep(0.03)
    return sorted(waits[WARM_UP:])


if __name__ == "__main__":
    print(measure())
