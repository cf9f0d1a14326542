"""Jobs over the API: hand in, list, look at, cancel, run again."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.v1.dependencies import Reader, Writer
from api.v1.idempotency import IdempotentRoute, RunKey
from api.v1.job_object import Job, credit_headers
from api.v1.pagination import ListOf, PageCursor
from api.v1.quotes import EXAMPLE_RECIPE
from api.v1.schemas import Body
from services.jobs import cancellation, reading, submission

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=IdempotentRoute)

Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobBody(Body):
    """Which pictures, and what to make of them. One result a picture; the price is the recipe's times the pictures."""

    asset_ids: list[Annotated[str, Field(max_length=80)]] = Field(min_length=1, max_length=100)
    recipe: dict[str, Any] = Field(examples=[EXAMPLE_RECIPE])
    product_id: str | None = Field(
        default=None, max_length=80, description="The results become pictures of this product, beside their photos."
    )


@router.post("", status_code=202, summary="Start a job")
def create_job(body: JobBody, actor: Writer, request: Request, run_key: RunKey) -> Job:
    """Sets the credits aside and queues the job; they are charged when it succeeds and given back otherwise."""
    job = submission.submit(actor, body.recipe, body.asset_ids, product_id=body.product_id, key=run_key)
    credit_headers(request.scope, actor, job)
    return Job.of(job)


@router.get("", summary="List jobs")
def list_jobs(
    actor: Reader, cursor: PageCursor, status: Annotated[Status | None, Query(description="Only these.")] = None
) -> ListOf[Job]:
    """Your own jobs, newest first."""
    page = reading.list_jobs(actor, status=status, limit=cursor.limit, starting_after=cursor.starting_after)
    return ListOf[Job](data=[Job.of(job) for job in page.items], has_more=page.has_more)


@router.get("/{job_id}", summary="Get a job", response_model=Job)
def get_job(job_id: str, actor: Reader) -> Response:
    """Its state now. To be told of changes, listen to `urls.events`."""
    job = Job.of(reading.get_job(actor, job_id))
    # polled more than anything else: written here, not by FastAPI, which would take another thread for it
    return Response(job.model_dump_json(by_alias=True), media_type="application/json")


@router.post("/{job_id}/cancel", summary="Cancel a job")
def cancel_job(job_id: str, actor: Writer, request: Request) -> Job:
    """A queued or running job ends here and its credits are given back. 409 if it has already ended otherwise."""
    job = cancellation.cancel_job(actor, job_id)
    credit_headers(request.scope, actor, job)
    return Job.of(job)


@router.post("/{job_id}/retry", status_code=202, summary="Run a job again")
def retry_job(job_id: str, actor: Writer, request: Request) -> Job:
    """A failed or cancelled job runs again under the same id, at today's price. 409 for any other."""
    job = submission.retry_job(actor, job_id)
    credit_headers(request.scope, actor, job)
    return Job.of(job)
