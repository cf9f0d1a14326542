"""The health of this installation, for staff: queue, workers, what failed lately, database and storage."""

import time
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col

import config
import db
from db.connection import is_reachable
from db.models.jobs import Job, JobStatus
from services.accounts.actor import Actor
from services.accounts.permissions import Permission
from services.errors import ServiceError
from services.events.consumers import skipped_events
from services.jobs.queue_state import QueueState, queue_state
from services.library import storage
from services.studio import machine_models
from services.studio.machine_models import ModelOnMachine

_FAILURES_SHOWN = 10


@dataclass(frozen=True)
class PartHealth:
    """One part the app depends on: does it answer, how fast (milliseconds), and what is wrong if not."""

    name: str
    kind: str
    reachable: bool
    milliseconds: float | None
    problem: str = ""


@dataclass(frozen=True)
class RecentFailure:
    """A job that failed, without whose it was or what it showed."""

    job_id: str
    code: str
    message: str
    attempts: int
    finished_at: datetime | None


@dataclass(frozen=True)
class SystemHealth:
    """What the system screen shows of the installation as a whole."""

    version: str
    parts: tuple[PartHealth, ...]
    queue: QueueState
    skipped_events: int
    failures: tuple[RecentFailure, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What somebody should look at now, in sentences; empty when all is well."""
        found = [f"{part.name} does not answer: {part.problem}" for part in self.parts if not part.reachable]
        if not any(worker.alive for worker in self.queue.workers):
            found.append("No worker is alive: queued pictures wait until one starts.")
        if self.skipped_events:
            found.append(f"Events that could not be handled and were skipped: {self.skipped_events}. The log says why.")
        return tuple(found)


def system_health(actor: Actor) -> SystemHealth:
    """The state of the installation now. For staff; raises `Forbidden` for others."""
    actor.require(Permission.VIEW_SYSTEM)
    return SystemHealth(
        version=config.VERSION,
        parts=(_database(), _storage()),
        queue=queue_state(),
        skipped_events=skipped_events(),
        failures=_recent_failures(),
    )


def cutout_models(actor: Actor) -> tuple[ModelOnMachine, ...]:
    """The cut-out model of each machine with workers. For staff; raises `Forbidden` for others."""
    actor.require(Permission.VIEW_SYSTEM)
    return machine_models.on_machines()


def _database() -> PartHealth:
    started = time.perf_counter()
    reachable = is_reachable()
    return PartHealth(
        name="Database",
        kind="SQLite" if config.settings().is_sqlite else "PostgreSQL",
        reachable=reachable,
        milliseconds=_since(started) if reachable else None,
        problem="" if reachable else "the connection fails",
    )


def _storage() -> PartHealth:
    kind = "S3" if config.settings().storage_url.startswith("s3://") else "Folder"
    started = time.perf_counter()
    try:
        storage.current().check()
    except ServiceError as error:
        return PartHealth("Storage", kind, reachable=False, milliseconds=None, problem=error.message)
    return PartHealth("Storage", kind, reachable=True, milliseconds=_since(started))


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def _recent_failures() -> tuple[RecentFailure, ...]:
    query = (
        sa.select(col(Job.id), col(Job.error_code), col(Job.error_message), col(Job.attempts), col(Job.finished_at))
        .where(col(Job.status) == JobStatus.FAILED)
        .order_by(col(Job.finished_at).desc())
        .limit(_FAILURES_SHOWN)
    )
    with db.snapshot() as session:
        rows = session.execute(query).all()
    return tuple(
        RecentFailure(job_id, code or "internal", message or "", attempts, finished_at)
        for job_id, code, message, attempts, finished_at in rows
    )
