"""What the rest of Vitrine does with jobs: hand in, look, wait, cancel, retry."""

from services.jobs.cancellation import cancel_job
from services.jobs.queue_state import QueueState, WorkerView, queue_state
from services.jobs.reading import JobPage, active_jobs, get_job, get_jobs, list_jobs, wait_for
from services.jobs.submission import retry_job, submit, submit_many
from services.jobs.views import JobError, JobView, Quality, QualityCheck

__all__ = [
    "JobError",
    "JobPage",
    "JobView",
    "Quality",
    "QualityCheck",
    "QueueState",
    "WorkerView",
    "active_jobs",
    "cancel_job",
    "get_job",
    "get_jobs",
    "list_jobs",
    "queue_state",
    "retry_job",
    "submit",
    "submit_many",
    "wait_for",
]
