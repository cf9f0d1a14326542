"""The queues that jobs wait in, and how a run of a job is named in the engine."""

from sqlmodel import Session

from config import settings
from services.engine import client, workers
from services.engine.tasks import Queue
from services.studio.recipes import Recipe, needs_provider

TASK = "process_job"
RENDER = Queue("render", lambda: settings().worker_concurrency + 1)
"""Holds one more than there are slots: it works while another stores its result."""
PROVIDERS = Queue("providers", lambda: settings().worker_provider_concurrency)
"""Mostly waits for somebody else, so it may hold many."""


def queue_of(recipe: Recipe) -> str:
    """The queue that a recipe's jobs wait in. Those that ask a provider have one of their own."""
    return PROVIDERS.name if needs_provider(recipe) else RENDER.name


def workflow_id(job_id: str, run: int) -> str:
    """The id of the workflow of one run of a job: the job's own id for the first."""
    return job_id if run == 1 else f"{job_id}/{run}"


def enqueue(session: Session, job_id: str, run: int, *, priority: int, retries: int, queue: str) -> None:
    """Put one run of a job on a queue, as part of the caller's transaction. Lower priority numbers run first."""
    client.enqueue(session, TASK, workflow_id(job_id, run), job_id, run, retries, queue=queue, priority=priority)


def capacity(session: Session) -> dict[str, int]:
    """How many jobs of each queue the living workers that still take work can have in hand at once."""
    count, places = workers.capacity(session)
    return {RENDER.name: places, PROVIDERS.name: count * settings().worker_provider_concurrency}
