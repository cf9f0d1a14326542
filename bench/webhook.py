"""The payment gateway's webhook: how long its answers take, with a worker applying the events meanwhile.

On each database, events one after the other and four at once; each is a new one, verified, stored and enqueued.
"""

import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from itertools import count
from typing import Any

from fastapi import FastAPI

import config
from api.edge import stripe_webhook
from bench.installation import installation, served, worker
from services import bootstrap
from services.billing import checkout, pricing
from services.billing.webhook import ADDRESS
from tests.fakes.stripe_server import StripeFake, running_stripe
from tests.support.payments import session_of, with_stripe
from tests.support.postgres import PostgresServer

EVENTS, AT_ONCE = 200, 4


def measure() -> dict[str, float]:
    """Milliseconds from sending an event to its answer; `p95_ms` is the worst of the four 95th percentiles."""
    figures = _rounds("sqlite", "")
    server = PostgresServer()
    try:
        figures |= _rounds("postgresql", server.create_database())
    finally:
        server.stop()
    return {"p95_ms": max(value for name, value in figures.items() if name.startswith("p95"))} | figures


def _rounds(database: str, url: str) -> dict[str, float]:
    with installation(url) as here, running_stripe() as stripe:
        with_stripe(here.settings, stripe)
        made = checkout.start(here.actor, pricing.PACKS[0])
        event = stripe.pay(session_of(stripe, made))
        app = FastAPI(routes=stripe_webhook.routes)
        numbers = count()
        figures = {}
        with worker(config.settings()), served(app) as address:
            for clients in (1, AT_ONCE):
                taken = _send(address, stripe, event, numbers, clients)
                name = f"{database}_{clients}_at_once"
                figures[f"median_ms_{name}"] = round(statistics.median(taken), 1)
                figures[f"p95_ms_{name}"] = round(statistics.quantiles(taken, n=20)[-1], 1)
        bootstrap.start(here.settings)
    return figures


def _send(address: str, stripe: StripeFake, event: dict[str, Any], numbers: Any, clients: int) -> list[float]:
    """Milliseconds of each event, sent by so many clients at once; the first few are not counted."""

    def client(_number: int) -> list[float]:
        connection = HTTPConnection(address.removeprefix("http://"))
        taken = []
        for _ in range(EVENTS // clients):
            body, headers = stripe.signed(event | {"id": f"evt_bench_{next(numbers)}"})
            started = time.perf_counter()
            connection.request("POST", ADDRESS, body, headers)
            answer = connection.getresponse()
            assert json.loads(answer.read()) == {"received": True, "repeated": False}
            taken.append((time.perf_counter() - started) * 1000)
        connection.close()
        return taken[5:]

    with ThreadPoolExecutor(clients) as pool:
        return [one for taken in pool.map(client, range(clients)) for one in taken]


if __name__ == "__main__":
    print(measure())
