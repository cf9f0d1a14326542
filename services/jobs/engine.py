"""What app and worker processes must agree on to share one job engine, and its own connections to the database."""

from typing import Any

import sqlalchemy as sa

import db
from config import settings
from services.studio.recipes import Recipe, needs_provider

APPLICATION = "vitrine"
QUEUE = "render"
WORKFLOW = "process_job"
PAYMENT_QUEUE = "payments"
PAYMENT_WORKFLOW = "apply_payment_event"
PROVIDER_QUEUE = "providers"
QUEUES = (QUEUE, PROVIDER_QUEUE, PAYMENT_QUEUE)
WORKFLOW_VERSION = "1"
"""Pinned: computed from the code it would differ between releases, and a new worker would leave old jobs lying."""


def queue_of(recipe: Recipe) -> str:
    """The queue that a recipe's jobs wait in. Those that ask a provider have one of their own: they mostly wait for
    somebody else, and many can at once."""
    return PROVIDER_QUEUE if needs_provider(recipe) else QUEUE


def workflow_id(job_id: str, run: int) -> str:
    """The id of the workflow of one run of a job: the job's own id for the first."""
    return job_id if run == 1 else f"{job_id}/{run}"


def make_system_engine() -> sa.Engine:
    """Connections for the engine's own bookkeeping.

    On SQLite they are not ours: the engine reads while our transaction holds the write lock, and with our
    BEGIN IMMEDIATE for every connection that read would wait for itself.
    """
    url = settings().database_url
    if not settings().is_sqlite:
        return sa.create_engine(url, pool_size=5, max_overflow=10, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_size=5, max_overflow=20, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = "IMMEDIATE"
        for pragma in ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def workflow_table() -> sa.TableClause:
    """The engine's table of workflows, with the columns that we read or sweep by."""
    names = (
        "workflow_uuid",
        "status",
        "executor_id",
        "queue_name",
        "completed_at",
        "created_at",
        "priority",
        "owner_xid",
    )
    return sa.table("workflow_status", *(sa.column(name) for name in names), schema=_schema())


def end_table() -> sa.TableClause:
    """The engine's record of the ends of runs that committed together with our own rows: one row a run, which the
    engine itself never removes."""
    return sa.table("datasource_outputs", sa.column("workflow_id"), schema=_schema())


def _schema() -> str | None:
    return None if db.engine().dialect.name == "sqlite" else "dbos"
