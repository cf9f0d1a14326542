"""Jobs as they change, for the screens: server-sent events by session cookie."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.browser.answers import signed_in
from api.v1.events import NOT_STORED, event_stream, job_data
from services import credits
from services.accounts.actor import Actor
from services.accounts.errors import Unauthenticated
from services.errors import Invalid, ServiceError
from services.jobs.views import JobView

MAX_WATCHED = 500


async def job_events(request: Request) -> Response:
    """`/events/jobs/{job_id}` and `/events/jobs?ids=a,b`: the screens' own streams, by session cookie. The data is
    the job with `credits`, the balance as it is then."""
    try:
        ids = [request.path_params["job_id"]] if "job_id" in request.path_params else _ids(request)
        actor = await run_in_threadpool(signed_in, request)
        return await event_stream(request, actor, ids, _with_balance)
    except Unauthenticated:
        return Response(status_code=204)  # an EventSource that gets anything else comes back for ever
    except ServiceError as error:
        return Response(error.message, error.status, NOT_STORED, "text/plain")


def _ids(request: Request) -> list[str]:
    named = (one for part in request.query_params.getlist("ids") for one in part.split(","))
    ids = list(dict.fromkeys(one for one in named if one))
    if not 1 <= len(ids) <= MAX_WATCHED:
        raise Invalid(f"Name between 1 and {MAX_WATCHED} jobs as ?ids=a,b.")
    return ids


def _with_balance(actor: Actor, job: JobView) -> dict[str, Any]:
    balance = credits.balance(actor)
    return {**job_data(actor, job), "credits": {"available": balance.available, "held": balance.held}}


routes: list[BaseRoute] = [
    Route("/events/jobs/{job_id}", job_events),
    Route("/events/jobs", job_events),
]
