"""Batches over the API: one recipe on many pictures."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from api.edge import picture_responses
from api.edge.request_log import facts_of
from api.v1.dependencies import Reader, Writer
from api.v1.idempotency import IdempotentRoute, RunKey
from api.v1.jobs import AssetId, MaxCredits
from api.v1.pagination import ListOf, PageCursor
from api.v1.quotes import EXAMPLE_RECIPE
from api.v1.schemas import PREFIX, Body, Time, View
from config import settings
from services import credits
from services.accounts.actor import Actor
from services.batches import archive, batches
from services.batches.naming import DEFAULT_NAMING, MAX_LENGTH
from services.batches.views import BatchView

router = APIRouter(prefix="/batches", tags=["batches"], route_class=IdempotentRoute)

_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}, "description": "The ZIP."}}


class BatchBody(Body):
    """Which pictures, or the main photos of which products, and what to make of each."""

    asset_ids: list[AssetId] = Field(default_factory=list, max_length=500)
    product_ids: list[AssetId] = Field(
        default_factory=list, max_length=500, description="Instead of pictures; the results become theirs."
    )
    recipe: dict[str, Any] = Field(examples=[EXAMPLE_RECIPE])
    naming: str = Field(
        default=DEFAULT_NAMING,
        min_length=1,
        max_length=MAX_LENGTH,
        description="The names in the ZIP: text with `{name}`, `{sku}` and `{n}` in it.",
    )
    max_credits: MaxCredits = None


class SkipBody(Body):
    """Which jobs of the batch."""

    job_ids: list[Annotated[str, Field(max_length=80)]] = Field(default_factory=list, max_length=500)


class BatchCounts(View):
    """How many of its jobs stand how. A doubtful one made a picture that is kept but was not charged."""

    queued: int
    running: int
    succeeded: int
    doubtful: int
    failed: int
    cancelled: int


class BatchUrls(View):
    """Where to look, cancel, retry and download. Follow them; do not build them."""

    self: str
    cancel: str
    skip: str
    retry_failed: str
    archive: str


class Batch(View):
    """One recipe on many pictures, a job for each."""

    id: str
    object: Literal["batch"] = "batch"
    status: Literal["queued", "running", "succeeded", "partly_failed", "failed", "cancelled"]
    recipe: dict[str, Any]
    naming: str
    counts: BatchCounts
    credits_held: int
    credits_charged: int
    created_at: Time
    completed_at: Time | None
    urls: BatchUrls

    @classmethod
    def of(cls, batch: BatchView) -> "Batch":
        base = f"{settings().public_url}{PREFIX}/batches/{batch.id}"
        return cls(
            id=batch.id,
            status=batch.status.value,
            recipe=batch.recipe,
            naming=batch.naming,
            counts=BatchCounts.model_validate(batch.counts),
            credits_held=batch.credits_held,
            credits_charged=batch.credits_charged,
            created_at=batch.created_at,
            completed_at=batch.completed_at,
            urls=BatchUrls(
                self=base,
                cancel=f"{base}/cancel",
                skip=f"{base}/skip",
                retry_failed=f"{base}/retry-failed",
                archive=f"{base}/archive",
            ),
        )


@router.post("", status_code=202, summary="Start a batch")
def create_batch(body: BatchBody, actor: Writer, request: Request, run_key: RunKey) -> Batch:
    """Sets the credits of all pictures aside and queues a job for each, all or none. Each is charged when it succeeds;
    credits of one that fails, or that we are not sure of, are given back alone."""
    batch = batches.make_batch(
        actor,
        body.recipe,
        asset_ids=body.asset_ids,
        product_ids=body.product_ids,
        naming=body.naming,
        max_credits=body.max_credits,
        key=run_key,
    )
    return _answer(request, actor, batch)


@router.get("", summary="List batches")
def list_batches(actor: Reader, cursor: PageCursor) -> ListOf[Batch]:
    """Your own batches, newest first."""
    page = batches.list_batches(actor, limit=cursor.limit, starting_after=cursor.starting_after)
    return ListOf[Batch](data=[Batch.of(batch) for batch in page.items], has_more=page.has_more)


@router.get("/{batch_id}", summary="Get a batch")
def get_batch(batch_id: str, actor: Reader) -> Batch:
    """Its state now, counted from its jobs."""
    return Batch.of(batches.get_batch(actor, batch_id))


@router.post("/{batch_id}/cancel", summary="Cancel a batch")
def cancel_batch(batch_id: str, actor: Writer, request: Request) -> Batch:
    """What waits or runs ends here and its credits are given back; what has ended stays."""
    return _answer(request, actor, batches.cancel_batch(actor, batch_id))


@router.post("/{batch_id}/skip", summary="Skip pictures of a batch")
def skip(batch_id: str, body: SkipBody, actor: Writer, request: Request) -> Batch:
    """The same for some of its jobs; those that have ended stay."""
    return _answer(request, actor, batches.skip(actor, batch_id, body.job_ids))


@router.post("/{batch_id}/retry-failed", status_code=202, summary="Retry what failed")
def retry_failed(batch_id: str, actor: Writer, request: Request) -> Batch:
    """All jobs that failed run again under the same ids, at today's price, all or none. 409 if none has failed."""
    return _answer(request, actor, batches.retry_failed(actor, batch_id))


@router.get("/{batch_id}/archive", summary="Download a batch", response_class=Response, responses=_ZIP)
def download(batch_id: str, actor: Reader) -> Response:
    """A ZIP of what it made so far, named by its rule. 409 while there is nothing."""
    return picture_responses.archive(archive.archive(actor, batch_id))


def _answer(request: Request, actor: Actor, batch: BatchView) -> Batch:
    facts = facts_of(request.scope)
    facts.headers.update(
        {
            "X-Credits-Charged": str(batch.credits_charged),
            "X-Credits-Balance": str(credits.balance(actor).available),
        }
    )
    facts.credits_charged = batch.credits_charged
    return Batch.of(batch)
