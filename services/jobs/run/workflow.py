"""The durable workflow of one run of a job: do the work, then write its end.

Two checkpoints where all is done on this machine: if the worker dies before the first, another starts the work afresh;
if it dies between them, another writes the end of what was made. Where a provider is asked, each call and each part
between calls has a checkpoint of its own. The end commits together with its checkpoint, so it happens once.
"""

from functools import cache, partial

from sqlmodel import Session

from services.engine.tasks import Execution
from services.jobs import settlement
from services.jobs.run.attempts import discard
from services.jobs.run.progress import Reporter
from services.jobs.run.rendering import render
from services.jobs.run.running import Runner
from services.jobs.settlement import Outcome


def process(execution: Execution, job_id: str, run: int, retries: int) -> None:
    """Work on one run of a job to its end."""
    runner = Runner(execution.worker_id, _reporter(), render)
    with execution.slots.enter() as slot:
        outcome = runner.run(job_id, run, retries, slot, execution.checkpoints, execution.owner)
        if outcome is None:
            return
        undo = partial(discard, outcome)
        if not execution.checkpoints.transaction("end", partial(_end, job_id, run, outcome), undo):
            undo()


def _end(job_id: str, run: int, outcome: Outcome, session: Session) -> bool:
    return settlement.end(session, job_id, run, outcome)


@cache
def _reporter() -> Reporter:
    """One for the process: a single thread writes the progress of all its jobs."""
    return Reporter()
