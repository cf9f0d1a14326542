"""The process's client to the job engine: what enqueues and cancels from outside a worker."""

import logging
import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Session

from services.jobs import engine

if TYPE_CHECKING:
    from dbos import DBOSClient

_lock = threading.Lock()
_client: "DBOSClient | None" = None
_connections: sa.Engine | None = None


def client() -> "DBOSClient":
    """The client, made on first use; brings the engine's tables up to date then."""
    global _client, _connections
    with _lock:
        if _client is None:
            from dbos import DBOSClient  # takes over a second to import: not at start-up

            _connections = engine.make_system_engine()
            migrate(_connections)
            _client = DBOSClient(
                system_database_engine=_connections,
                application_name=engine.APPLICATION,
                lazy=True,
                retry_connection_errors=False,
            )
        return _client


def close() -> None:
    """Close the client; the next use opens one from the settings."""
    global _client, _connections
    with _lock:
        if _client is not None:
            _client.destroy()
        if _connections is not None:
            _connections.dispose()
        _client = _connections = None


def migrate(connections: sa.Engine) -> None:
    """Create or update the engine's own tables. Any number of processes may do so at once."""
    from dbos._serialization import DefaultSerializer
    from dbos._sys_db import SystemDatabase

    logging.getLogger("dbos").setLevel(logging.WARNING)
    scheme = "sqlite" if connections.dialect.name == "sqlite" else "postgresql"
    database = SystemDatabase.create(
        system_database_url=f"{scheme}:///custom",
        engine_kwargs={},
        engine=connections,
        schema="dbos",
        serializer=DefaultSerializer(),
        executor_id=None,
    )
    database.run_migrations()


def enqueue(session: Session, job_id: str, run: int, *, priority: int, retries: int, queue: str) -> None:
    """Put one run of a job on a queue, as part of the caller's transaction. Lower priority numbers run first."""
    client().enqueue_in_transaction(
        session,
        {
            "workflow_name": engine.WORKFLOW,
            "queue_name": queue,
            "workflow_id": engine.workflow_id(job_id, run),
            "priority": priority,
            "app_version": engine.WORKFLOW_VERSION,
        },
        job_id,
        run,
        retries,
    )


def enqueue_payment_event(session: Session, event_id: str) -> None:
    """Have a worker apply a stored payment event, as part of the caller's transaction; once, however often asked."""
    client().enqueue_in_transaction(
        session,
        {
            "workflow_name": engine.PAYMENT_WORKFLOW,
            "queue_name": engine.PAYMENT_QUEUE,
            "workflow_id": event_id,
            "app_version": engine.WORKFLOW_VERSION,
        },
        event_id,
    )


def cancel(job_id: str, run: int) -> None:
    """Take a run off the queue, or keep its workflow from going on after its present step."""
    client().cancel_workflow(engine.workflow_id(job_id, run))
