"""Which cut-out model each machine has or is about to get, for staff to see from any other. Workers write it."""

import socket
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

import db
from db.clock import now
from db.dialects import insert
from db.models.engine import Worker
from db.models.studio import MachineModel, ModelState


@dataclass(frozen=True)
class ModelOnMachine:
    """One machine's model. While it is fetched: how many bytes have arrived, and of how many if that is known. While it
    is absent: why, how often in a row fetching it failed, and when that is tried again, if it is."""

    hostname: str
    model: str
    state: ModelState
    received_bytes: int = 0
    total_bytes: int | None = None
    failures: int = 0
    problem: str = ""
    try_again_at: datetime | None = None


def on_machines() -> tuple[ModelOnMachine, ...]:
    """The model of every machine with a worker that wants one."""
    with db.snapshot() as session:
        rows = session.scalars(
            select(MachineModel)
            .where(col(MachineModel.hostname).in_(_with_workers()))
            .order_by(col(MachineModel.hostname))
        ).all()
    return tuple(_view(row) for row in rows)


def on_this_machine(model: str) -> ModelOnMachine:
    """How it stands with `model` here; as about to be fetched where nothing is known of it."""
    hostname = socket.gethostname()
    with db.snapshot() as session:
        row = session.get(MachineModel, hostname)
    if row is None or row.model != model:
        return ModelOnMachine(hostname, model, ModelState.FETCHING)
    return _view(row)


def note(found: ModelOnMachine) -> None:
    """Write down how it stands with a machine's model, and forget the machines that have no worker any more."""
    values = {
        "model": found.model,
        "state": found.state,
        "received_bytes": found.received_bytes,
        "total_bytes": found.total_bytes,
        "failures": found.failures,
        "problem": found.problem,
        "try_again_at": found.try_again_at,
        "changed_at": now(),
    }
    with db.transaction() as session:
        statement = insert(session, MachineModel).values(hostname=found.hostname, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["hostname"], set_=values))
        session.execute(
            sa.delete(MachineModel)
            .where(col(MachineModel.hostname) != found.hostname, col(MachineModel.hostname).not_in(_with_workers()))
            .execution_options(synchronize_session=False)
        )


def forget_this_machine() -> None:
    """It wants no model."""
    with db.transaction() as session:
        session.execute(sa.delete(MachineModel).where(col(MachineModel.hostname) == socket.gethostname()))


def _with_workers() -> "sa.Select[tuple[str]]":
    return sa.select(col(Worker.hostname))


def _view(row: MachineModel) -> ModelOnMachine:
    return ModelOnMachine(
        hostname=row.hostname,
        model=row.model,
        state=ModelState(row.state),
        received_bytes=row.received_bytes,
        total_bytes=row.total_bytes,
        failures=row.failures,
        problem=row.problem,
        try_again_at=row.try_again_at,
    )
