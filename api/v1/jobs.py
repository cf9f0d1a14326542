"""Jobs over the API: submit, list, read, cancel, retry."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response, Security
from pydantic import Field, field_validator
from starlette.concurrency import run_in_threadpool

from api.v1.dependencies import Reader, Writer, bearer, identify
from api.v1.idempotency import IdempotentRoute, RunKey
from api.v1.job_object import Job, credit_headers
from api.v1.pagination import ListOf, PageCursor
from api.v1.quotes import EXAMPLE_RECIPE
from api.v1.schemas import Body
from services.jobs import cancellation, reading, submission

router = APIRouter(prefix="/jobs", tags=["jobs"], route_class=IdempotentRoute)

AssetId = Annotated[str, Field(max_length=80)]
MaxCredits = Annotated[
    int | None,
    Field(ge=0, description="409 `price_changed`, and nothing is started, if it would cost more credits than this."),
]
Status = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class JobBody(Body):
    """A picture, and what to make of it. Several pictures of one operation go into `inputs` by its names for them."""

    asset_ids: list[AssetId] = Field(
        default_factory=list,
        max_length=1,
        description="One picture: `POST /batches` takes up to 500. Without it, the first named one that an operation "
        "needs is worked on.",
    )
    inputs: dict[str, AssetId] = Field(
        default_factory=dict,
        max_length=20,
        description="Further pictures, by the names of the operations' parameters for them: the same as naming them in "
        "the `params` of each step that has such a parameter.",
    )
    recipe: dict[str, Any] = Field(examples=[EXAMPLE_RECIPE])
    product_id: str | None = Field(
        default=None, max_length=80, description="The result becomes a picture of this product, beside its photos."
    )
    max_credits: MaxCredits = None

    @field_validator("asset_ids", mode="before")
    @classmethod
    def _one(cls, given: object) -> object:
        if isinstance(given, list) and len(given) > 1:
            raise ValueError("A job makes one picture. Send several to POST /batches.")
        return given


@router.post("", status_code=202, summary="Start a job")
def create_job(body: JobBody, actor: Writer, request: Request, run_key: RunKey) -> Job:
    """Sets the credits aside and queues the job; they are charged when it succeeds and given back otherwise. A result
    that we are not sure of is kept but not charged."""
    job = submission.submit(
        actor,
        body.recipe,
        body.asset_ids[0] if body.asset_ids else None,
        inputs=body.inputs,
        product_id=body.product_id,
        max_credits=body.max_credits,
        key=run_key,
    )
    credit_headers(request.scope, actor, job)
    return Job.of(job)


@router.get("", summary="List jobs")
def list_jobs(
    actor: Reader, cursor: PageCursor, status: Annotated[Status | None, Query(description="Only these.")] = None
) -> ListOf[Job]:
    """Your own jobs, newest first."""
    page = reading.list_jobs(actor, status=status, limit=cursor.limit, starting_after=cursor.starting_after)
    return ListOf[Job](data=[Job.of(job) for job in page.items], has_more=page.has_more)


@router.get("/{job_id}", summary="Get a job", response_model=Job, dependencies=[Security(bearer)])
async def get_job(job_id: str, request: Request) -> Response:
    """Its state now. Listen to `urls.events` for changes."""

    def read() -> bytes:
        actor = identify(request)
        actor.require_scope("read")
        return Job.of(reading.get_job(actor, job_id)).model_dump_json(by_alias=True).encode()

    # polled more than anything else: one thread for who asks, what they asked for and how it is written
    return Response(await run_in_threadpool(read), media_type="application/json")


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
