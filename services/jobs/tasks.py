"""What workers do for jobs: run them, repair the stuck ones, clean up."""

import logging
import threading
from datetime import timedelta

from services.engine.schedules import Schedule
from services.engine.tasks import Execution, Task
from services.jobs import cleaning, queues, repair, unwanted_calls

log = logging.getLogger(__name__)


def _process(execution: Execution, job_id: str, run: int, retries: int) -> None:
    from services.jobs.run.workflow import process  # OpenCV takes a while to import: not before the worker is up

    process(execution, job_id, run, retries)


def prepare(stop: threading.Event) -> None:
    """Have ready what jobs would wait for: OpenCV, then the cut-out model, which may first have to be fetched."""
    try:
        from services.jobs.run import workflow  # noqa: F401
        from services.studio import model_fetching, pipeline

        pipeline.load()
    except Exception as error:  # noqa: BLE001  a job that needs it will say so
        log.warning("cannot prepare for jobs: %s", error)
        return
    model_fetching.provide_model(stop)


TASKS = (Task(queues.TASK, _process, (queues.RENDER, queues.PROVIDERS)),)
SCHEDULES = (
    Schedule("job_repair", every=timedelta(seconds=15), run=repair.repair_stuck),
    Schedule("unwanted_calls", every=timedelta(seconds=15), run=unwanted_calls.cancel_unwanted),
    Schedule("cleaning", every=timedelta(days=1), run=cleaning.clean, retry_after=timedelta(hours=1)),
)
