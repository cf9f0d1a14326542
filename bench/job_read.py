"""`GET /jobs/{id}` against a bare FastAPI route that does one indexed read of the same row."""

import http.client
import time

import sqlalchemy as sa
from fastapi import FastAPI
from sqlmodel import col

import db
from api.v1.app import create_api
from bench.installation import installation, served
from db.models.jobs import Job
from services.jobs import submission
from tests.support.job_pictures import FREE, picture
from tests.support.job_workers import InlineWorker

REQUESTS, ROUNDS = 150, 9


def measure() -> dict[str, float]:
    """Requests a second of both, one after the other over one connection, and their ratio."""
    with installation() as here:
        job = submission.submit(here.actor, FREE, picture(here.actor))
        worker = InlineWorker()
        worker.run_all()
        worker.close()
        ours, bare = create_api(), _bare()
        rates: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(ROUNDS):
            rates["bare"].append(_rate(bare, f"/jobs/{job.id}", {}))
            rates["ours"].append(_rate(ours, f"/jobs/{job.id}", here.headers))
    ours_rate, bare_rate = max(rates["ours"]), max(rates["bare"])
    return {
        "requests_per_second": round(ours_rate),
        "bare_requests_per_second": round(bare_rate),
        "ratio": round(ours_rate / bare_rate, 3),
    }


def _bare() -> FastAPI:
    app = FastAPI()

    @app.get("/jobs/{job_id}")
    def read(job_id: str) -> dict[str, object]:
        with db.snapshot() as session:
            row = session.execute(sa.select(*Job.__table__.columns).where(col(Job.id) == job_id)).one()  # type: ignore[attr-defined]
        return dict(row._mapping)

    return app


def _rate(app: FastAPI, path: str, headers: dict[str, str]) -> float:
    with served(app) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"))
        for number in range(20 + REQUESTS):
            if number == 20:
                started = time.perf_counter()
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            assert answer.read() and answer.status == 200
        taken = time.perf_counter() - started
        connection.close()
    return REQUESTS / taken


if __name__ == "__main__":
    print(measure())
