"""Jobs as they change, for the screens: server-sent events by session cookie."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.browser.answers import signed_in
from api.v1.events import NOT_STORED, event_stream
from services.accounts.actor import Actor
from services.accounts.errors import Unauthenticated
from services.errors import NotFound, ServiceError
from services.jobs.origins import jobs_for_product, jobs_of
from services.jobs.views import JobView

MAX_WATCHED = 500
"""So many, those under way first, then the newest: a product's jobs only ever grow in number."""


async def job_events(request: Request) -> Response:
    """`/events/jobs?origin=…` or `?product=…`: the jobs of a draft or batch, or for a product, by session cookie."""
    try:
        actor = await run_in_threadpool(signed_in, request)
        ids = await run_in_threadpool(_ids, actor, request.query_params)
        return await event_stream(request, actor, ids, _shown)
    except Unauthenticated:
        return Response(status_code=204)  # an EventSource that gets anything else comes back for ever
    except ServiceError as error:
        return Response(error.message, error.status, NOT_STORED, "text/plain")


def _ids(actor: Actor, asked: Mapping[str, str]) -> list[str]:
    product, origin = asked.get("product", ""), asked.get("origin", "")
    jobs = jobs_for_product(actor, product) if product else jobs_of(actor, origin).jobs
    if not jobs:
        raise NotFound(f"There are no jobs of '{(product or origin)[:100]}'.")
    newest = jobs[::-1]
    return [job.id for job in sorted(newest, key=lambda job: job.ended)[:MAX_WATCHED]]


def _shown(_actor: Actor, job: JobView) -> dict[str, Any]:
    """What a card shows, and no more: when one of hundreds of jobs ends, all in the queue behind it change."""
    return {
        "id": job.id,
        "status": job.status,
        "stage": job.stage,
        "progress": job.progress,
        "queue_position": job.queue_position,
        "eta_seconds": job.eta_seconds,
    }


routes: list[BaseRoute] = [
    Route("/events/jobs", job_events),
]
