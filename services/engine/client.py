"""The process's client to the engine: what enqueues and cancels from outside a worker."""

import logging
import threading
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Session

from services.engine import connections, wakeup

if TYPE_CHECKING:
    from dbos import DBOSClient, EnqueueOptions

_lock = threading.Lock()
_client: "DBOSClient | None" = None
_connections: sa.Engine | None = None


def client() -> "DBOSClient":
    """The client, made on first use; brings the engine's tables up to date then, so not inside a transaction."""
    global _client, _connections
    with _lock:
        if _client is None:
            from dbos import DBOSClient  # takes over a second to import: not at start-up

            _connections = connections.make_system_engine()
            migrate(_connections)
            _client = DBOSClient(
                system_database_engine=_connections,
                application_name=connections.APPLICATION,
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


def migrate(system_engine: sa.Engine) -> None:
    """Create or update the engine's own tables. Any number of processes may do so at once."""
    from dbos._serialization import DefaultSerializer
    from dbos._sys_db import SystemDatabase

    logging.getLogger("dbos").setLevel(logging.WARNING)
    scheme = "sqlite" if system_engine.dialect.name == "sqlite" else "postgresql"
    database = SystemDatabase.create(
        system_database_url=f"{scheme}:///custom",
        engine_kwargs={},
        engine=system_engine,
        schema="dbos",
        serializer=DefaultSerializer(),
        executor_id=None,
        use_listen_notify=False,
    )
    database.run_migrations()


def enqueue(
    session: Session, task: str, workflow_id: str, *arguments: object, queue: str, priority: int | None = None
) -> None:
    """Have a worker run the task of this name, as part of the caller's transaction; once for a `workflow_id`, however
    often asked. Lower priority numbers run first. Call `client()` before the transaction."""
    options: EnqueueOptions = {
        "workflow_name": task,
        "queue_name": queue,
        "workflow_id": workflow_id,
        "app_version": connections.VERSION,
    }
    if priority is not None:
        options["priority"] = priority
    client().enqueue_in_transaction(session, options, *arguments)
    wakeup.notify(session, queue)


def cancel(workflow_ids: list[str]) -> None:
    """Remove workflows from their queues, or keep them from going on after their present step."""
    client().cancel_workflows(workflow_ids)


def forget(workflow_ids: list[str]) -> None:
    """Delete the engine's records of these workflows."""
    client().delete_workflows(workflow_ids)
