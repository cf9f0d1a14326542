"""A job on the wire, and the headers that go with it."""

from typing import Any, Literal

from pydantic import Field

from api.edge.request_log import facts_of
from api.v1.schemas import PREFIX, Time, View
from config import settings
from services import credits
from services.accounts.actor import Actor
from services.batches.views import batch_of
from services.jobs.views import JobView


class JobCheck(View):
    """One thing looked at in the result."""

    name: str
    passed: bool
    detail: str


class JobQuality(View):
    """How good the result is. `confidence` is 0..1 of the cut-out, null without one."""

    confidence: float | None
    checks: list[JobCheck]
    doubts: list[str]


class JobFault(View):
    """Why the job failed: `code` is stable, `message` is for people."""

    code: str
    message: str
    retryable: bool


class JobUrls(View):
    """Where to look, listen, cancel and retry. Follow them; do not build them."""

    self: str
    events: str
    cancel: str
    retry: str


class Job(View):
    """One recipe on one picture. `batch_id` names the batch that it is one of."""

    id: str
    object: Literal["job"] = "job"
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    recipe: dict[str, Any]
    input_asset_ids: list[str]
    result_asset_ids: list[str]
    batch_id: str | None
    product_id: str | None
    progress: float = Field(ge=0, le=1)
    stage: str = Field(description="What is being done, in plain words.")
    queue_position: int | None = Field(description="Place in the queue, from 1; null once it runs.")
    eta_seconds: float | None = Field(description="Estimate of the seconds to its end.")
    credits_held: int
    credits_charged: int
    quality: JobQuality | None
    error: JobFault | None
    attempts: int
    created_at: Time
    started_at: Time | None
    finished_at: Time | None
    urls: JobUrls

    @classmethod
    def of(cls, job: JobView) -> "Job":
        base = f"{settings().public_url}{PREFIX}/jobs/{job.id}"
        return cls(
            id=job.id,
            status=job.status.value,
            recipe=job.recipe,
            input_asset_ids=list(job.input_asset_ids),
            result_asset_ids=list(job.result_asset_ids),
            batch_id=batch_of(job.origin),
            product_id=job.product_id,
            progress=job.progress,
            stage=job.stage,
            queue_position=job.queue_position,
            eta_seconds=job.eta_seconds,
            credits_held=job.credits_held,
            credits_charged=job.credits_charged,
            quality=None if job.quality is None else JobQuality.model_validate(job.quality),
            error=None if job.error is None else JobFault.model_validate(job.error),
            attempts=job.attempts,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
            urls=JobUrls(self=base, events=f"{base}/events", cancel=f"{base}/cancel", retry=f"{base}/retry"),
        )


def credit_headers(scope: Any, actor: Actor, job: JobView) -> dict[str, str]:
    """`X-Job-Id`, `X-Credits-Charged` and `X-Credits-Balance`, whatever then becomes of the answer."""
    headers = {
        "X-Job-Id": job.id,
        "X-Credits-Charged": str(job.credits_charged),
        "X-Credits-Balance": str(credits.balance(actor).available),
    }
    facts = facts_of(scope)
    facts.headers.update(headers)
    facts.credits_charged = job.credits_charged
    return headers
