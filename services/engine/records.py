"""The engine's own tables, as far as we read them or sweep them."""

import sqlalchemy as sa

import db

ALIVE = ("ENQUEUED", "PENDING", "DELAYED")
"""States of a workflow that the engine will still bring to an end."""


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


def commit_table() -> sa.TableClause:
    """The engine's record of steps that committed together with our own rows, which the engine itself never removes."""
    return sa.table("datasource_outputs", sa.column("workflow_id"), schema=_schema())


def is_owned(workflow_id: str, owner: str | None) -> sa.ColumnElement[bool]:
    """Whether the execution with the token `owner` still has the workflow; true for None, which asks nothing."""
    if owner is None:
        return sa.true()
    table = workflow_table()
    owned = sa.select(sa.literal(1)).where(table.c.workflow_uuid == workflow_id, table.c.owner_xid == owner)
    return owned.exists()


def _schema() -> str | None:
    return None if db.engine().dialect.name == "sqlite" else "dbos"
