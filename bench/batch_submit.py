"""Submitting five hundred pictures at once on PostgreSQL: how long it takes, and how many statements are ours."""

import statistics
import time

from bench.installation import installation
from services.jobs import submission
from tests.support.job_pictures import PRESET, picture
from tests.support.postgres import PostgresServer
from tests.support.statements import by_the_engine, statements

PICTURES, ROUNDS = 500, 5


def measure() -> dict[str, float]:
    """The median seconds of several rounds, and statements of ours per 100 pictures, the engine's left out."""
    server = PostgresServer()
    try:
        with installation(server.create_database()) as here:
            photos = [picture(here.actor, seed=number) for number in range(20)] * (PICTURES // 20)
            submission.submit(here.actor, PRESET, photos[0])
            seconds = []
            for _ in range(ROUNDS):
                started = time.perf_counter()
                submission.submit_many(here.actor, PRESET, photos)
                seconds.append(time.perf_counter() - started)
            with statements() as sent:
                submission.submit_many(here.actor, PRESET, photos)
    finally:
        server.stop()
    ours = sum(not by_the_engine(statement) for statement in sent)
    return {"seconds": round(statistics.median(seconds), 2), "statements_per_100": ours / (PICTURES / 100)}


if __name__ == "__main__":
    print(measure())
