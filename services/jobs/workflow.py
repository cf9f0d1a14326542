"""The durable workflow of one run of a job: do the work, then write its end.

Two checkpoints. If the worker dies before the first, another starts the work afresh; if it dies between them, another
writes the end of what was made. The end commits together with its checkpoint, so it happens once.
"""

import logging
import time
from collections.abc import Callable
from typing import Literal, cast

from dbos import DBOS, SQLAlchemyDatasource
from dbos import error as engine_error
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session

import db
from config import settings
from services.errors import ServiceError
from services.jobs import engine, faults, settlement
from services.jobs.progress import Reporter, Tracked
from services.jobs.settlement import Outcome, Start
from services.jobs.slots import Slot, Slots
from services.library import results, storage
from services.studio.rendered import Cancelled

log = logging.getLogger(__name__)

MAX_STARTS = 12
"""A run that so many workers did not survive is given up."""

_OUTAGE_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.5

Isolation = Literal["SERIALIZABLE", "READ COMMITTED"]
Render = Callable[[Start, Tracked, Slot], Outcome]


class JobWorkflow:
    """The workflow, bound to one worker process. Make it before the engine is launched, once."""

    def __init__(self, worker_id: str, slots: Slots, reporter: Reporter, render: Render) -> None:
        self._worker_id, self._slots, self._reporter, self._render = worker_id, slots, reporter, render
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
        with self._slots.job() as slot:
            outcome = self._checkpointed_work(job_id, run, retries, slot)
            if outcome is None:
                return
            try:
                if self._end(job_id, run, outcome):
                    return
            except engine_error.DBOSWorkflowCancelledError:
                _discard(outcome)
                raise
            _discard(outcome)

    def _checkpointed_work(self, job_id: str, run: int, retries: int, slot: Slot) -> Outcome | None:
        made: list[Outcome] = []

        def work() -> Outcome | None:
            outcome = self._work(job_id, run, retries, slot)
            if outcome is not None:
                made.append(outcome)
            return outcome

        try:
            return DBOS.run_step({"name": "work"}, work)
        except BaseException:
            for outcome in made:  # cancelled, or taken over by another worker: nobody knows of these bytes
                _discard(outcome)
            raise

    def _work(self, job_id: str, run: int, retries: int, slot: Slot) -> Outcome | None:
        """Start the run and make its results, again after a transient fault. None if it is no longer wanted."""
        for retry in range(1, retries + 2):
            start = self._begin(job_id, run)
            if start is None:
                return None
            if start.attempt > MAX_STARTS:
                return Outcome(attempt=start.attempt, failure=faults.WORKER_LOST)
            tracked = self._reporter.track(start)
            try:
                return self._render(start, tracked, slot)
            except Cancelled:
                return None
            except Exception as error:  # noqa: BLE001  whatever it was, the job has to end
                if retry > retries or not faults.is_transient(error):
                    _tell(job_id, error)
                    return Outcome(attempt=start.attempt, failure=faults.failure(error))
                log.warning("job %s: %s; it will be tried again", job_id, error)
                tracked.report("waiting to try again", 0.0)
                _wait(faults.back_off(retry), tracked)
            finally:
                self._reporter.untrack(tracked)
        raise AssertionError("the last try returns")

    def _begin(self, job_id: str, run: int) -> Start | None:
        """Without a database no job can begin or end, so this waits until it is back."""
        tried = 0
        while True:
            try:
                with db.transaction() as session:
                    return settlement.begin(session, job_id, run, self._worker_id)
            except Exception as error:
                if not faults.is_transient(error):
                    raise
                tried += 1
                log.warning("job %s cannot begin: %s", job_id, error)
                time.sleep(min(faults.back_off(tried), 5.0))

    def _end_in_transaction(self, job_id: str, run: int, outcome: Outcome) -> bool:
        return settlement.end(cast(Session, self._datasource.sql_session()), job_id, run, outcome)


def _wait(seconds: float, tracked: Tracked) -> None:
    """Wait, and then until database and storage answer again, so that an outage does not use the retries up."""
    enough, too_long = time.monotonic() + seconds, time.monotonic() + seconds + _OUTAGE_SECONDS
    while not tracked.cancelled():
        moment = time.monotonic()
        if moment >= too_long or (moment >= enough and db.is_reachable() and storage.is_reachable()):
            return
        time.sleep(_LOOK_AGAIN_SECONDS)


def _discard(outcome: Outcome) -> None:
    for result in outcome.results:
        results.discard(result.prepared)


def _tell(job_id: str, error: Exception) -> None:
    expected = isinstance(error, ServiceError)
    log.log(logging.INFO if expected else logging.ERROR, "job %s failed: %s", job_id, error, exc_info=not expected)
