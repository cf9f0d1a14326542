"""The durable workflow of one run of a job: do the work, then write its end.

Two checkpoints where all is done on this machine: if the worker dies before the first, another starts the work afresh;
if it dies between them, another writes the end of what was made. Where a provider is asked, each call and each part
between calls has a checkpoint of its own. The end commits together with its checkpoint, so it happens once.
"""

from collections.abc import Callable
from typing import Literal, TypeVar, cast

from dbos import DBOS, SQLAlchemyDatasource
from dbos import error as engine_error
from dbos._context import current_owner_xid
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

import db
from config import settings
from services.jobs import engine, settlement
from services.jobs.running import Runner, discard
from services.jobs.settlement import Outcome
from services.jobs.slots import Slots

Made = TypeVar("Made")
Isolation = Literal["SERIALIZABLE", "READ COMMITTED"]


class JobWorkflow:
    """The workflow, bound to one worker process. Make it before the engine is launched, once."""

    def __init__(self, slots: Slots, runner: Runner) -> None:
        self._slots, self._runner = slots, runner
        sessions = sessionmaker(class_=Session, expire_on_commit=False)
        self._datasource = SQLAlchemyDatasource.create(
            settings().database_url, engine=db.engine(), sessionmaker=sessions
        )
        # SQLite knows no other level; on PostgreSQL the ledger's row locks do what is needed, without false conflicts
        isolation: Isolation = "SERIALIZABLE" if settings().is_sqlite else "READ COMMITTED"
        self._end = self._datasource.transaction(name="end", isolation_level=isolation)(self._end_in_transaction)

        @DBOS.workflow(name=engine.WORKFLOW, max_recovery_attempts=None)
        def process(job_id: str, run: int, retries: int) -> None:
            self.process(job_id, run, retries)

    def process(self, job_id: str, run: int, retries: int) -> None:
        """Work on one run of a job to its end."""
        owner = current_owner_xid(engine.workflow_id(job_id, run))
        with self._slots.job() as slot:
            outcome = self._runner.run(job_id, run, retries, slot, _EngineMemory(), owner)
            if outcome is None:
                return
            try:
                if self._end(job_id, run, outcome):
                    return
            except engine_error.DBOSWorkflowCancelledError:
                discard(outcome)
                raise
            discard(outcome)

    def _end_in_transaction(self, job_id: str, run: int, outcome: Outcome) -> bool:
        return settlement.end(cast(Session, self._datasource.sql_session()), job_id, run, outcome)


class _EngineMemory:
    """Parts of the workflow at hand as checkpoints of the engine."""

    def once(self, name: str, part: Callable[[], Made], undo: Callable[[Made], None]) -> Made:
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
