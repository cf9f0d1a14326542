"""Prometheus metrics of this process, and of the queue as the database shows it at the moment of the scrape."""

from collections.abc import Iterator

import sqlalchemy as sa
from prometheus_client import REGISTRY, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

import db
from config import settings
from db.models import Job, Worker

REQUESTS = Counter("vitrine_http_requests", "HTTP requests by route and status", ["method", "route", "status"])
SECONDS = Histogram("vitrine_http_request_seconds", "Time to answer an HTTP request", ["method", "route"])


def observe(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is the template, never the path, so that series stay few."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(method, route).observe(seconds)


class QueueCollector(Collector):
    """Jobs by state and live workers: gauges that are true for all processes together."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with db.snapshot() as session:
            states = session.connection().execute(sa.select(Job.status, sa.func.count()).group_by(Job.status)).all()  # type: ignore[call-overload]
            seen = session.connection().execute(sa.select(Worker.seen_at)).scalars().all()  # type: ignore[call-overload]
        jobs = GaugeMetricFamily("vitrine_jobs", "Jobs by state", labels=["state"])
        for state, count in states:
            jobs.add_metric([state], count)
        yield jobs
        limit = settings().worker_dead_after_seconds
        alive = sum((db.now() - at).total_seconds() < limit for at in seen)
        yield GaugeMetricFamily("vitrine_workers_alive", "Workers seen alive", value=alive)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())


REGISTRY.register(QueueCollector())


def exposition() -> bytes:
    """All metrics in Prometheus' text format."""
    return generate_latest(REGISTRY)
