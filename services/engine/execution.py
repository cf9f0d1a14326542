"""Tasks as durable workflows of DBOS. The only module that knows how DBOS records a part, and workers' alone."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeVar, cast

from dbos import DBOS, SQLAlchemyDatasource
from dbos import error as engine_error
from dbos._context import current_owner_xid
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

import db
from config import settings
from services.engine.checkpoints import keep
from services.engine.slots import Slots
from services.engine.tasks import Execution, Task

Made = TypeVar("Made")
Isolation = Literal["SERIALIZABLE", "READ COMMITTED"]


def register(tasks: Sequence[Task], worker_id: str, slots: Slots, ended: Callable[[Task], None]) -> None:
    """Make this process one that runs these tasks. Once, before the engine is launched. `ended` is called whenever one
    has ended here, however it did."""
    checkpoints = DurableCheckpoints()
    for task in tasks:
        _register(task, worker_id, checkpoints, slots, ended)


def _register(
    task: Task, worker_id: str, checkpoints: "DurableCheckpoints", slots: Slots, ended: Callable[[Task], None]
) -> None:
    @DBOS.workflow(name=task.name, max_recovery_attempts=None)
    def run(*arguments: Any) -> Any:
        workflow_id = DBOS.workflow_id
        assert workflow_id is not None
        execution = Execution(worker_id, current_owner_xid(workflow_id), checkpoints, slots)
        try:
            return task.run(execution, *arguments)
        finally:
            ended(task)


class DurableCheckpoints:
    """Parts of the workflow at hand as steps of the engine."""

    def __init__(self) -> None:
        sessions = sessionmaker(class_=Session, expire_on_commit=False)
        self._datasource = SQLAlchemyDatasource.create(
            settings().database_url, engine=db.engine(), sessionmaker=sessions
        )
        # SQLite knows no other level; on PostgreSQL the ledger's row locks do what is needed, without false conflicts
        self._isolation: Isolation = "SERIALIZABLE" if settings().is_sqlite else "READ COMMITTED"

    def once(self, name: str, part: Callable[[], Made], undo: Callable[[Made], None] = keep) -> Made:
        made: list[Made] = []

        def noted() -> Made:
            made.append(part())
            return made[0]

        try:
            return DBOS.run_step({"name": name}, noted)
        except BaseException:
            for one in made:  # cancelled, or taken over by another worker: nobody knows of it
                undo(one)
            raise

    def sleep(self, seconds: float) -> None:
        DBOS.sleep(seconds)

    def transaction(self, name: str, part: Callable[[Session], Made], cancelled: Callable[[], None]) -> Made:
        def write() -> Made:
            return part(cast(Session, self._datasource.sql_session()))

        try:
            return self._datasource.run_tx_step({"name": name, "isolation_level": self._isolation}, write)
        except engine_error.DBOSWorkflowCancelledError:
            cancelled()
            raise
