"""The REST API, as one application to be mounted under /api/v1."""

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

import config
from api.edge.middleware import AnswerHead, BodyLimit, RefuseNul
from api.edge.problems import AnswerErrors, add_problem_handlers
from api.edge.rate_limits import RateLimit, RateLimits
from api.edge.request_log import RequestLog
from api.v1 import (
    admin_prompts,
    api_keys,
    assets,
    auth,
    batches,
    checkout,
    credits,
    events,
    health,
    images,
    jobs,
    notifications,
    operations,
    pricing,
    products,
    quotes,
)
from api.v1.openapi import describe
from api.v1.schemas import PREFIX

ROUTERS: tuple[APIRouter, ...] = (  # looked through in this order: the busiest first
    jobs.router,
    batches.router,
    events.router,
    images.router,
    assets.router,
    products.router,
    quotes.router,
    operations.router,
    credits.router,
    health.router,
    auth.router,
    api_keys.router,
    notifications.router,
    pricing.router,
    checkout.router,
    admin_prompts.router,
)


def create_api(limits: RateLimits | None = None) -> FastAPI:
    """A new API application. It knows its own limits and nothing of the other routes on the port."""
    api = FastAPI(
        title="Vitrine API",
        version=config.VERSION,
        description="Photo in, marketplace-ready picture out. Send `Authorization: Bearer vit_…`.",
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        openapi_url="/openapi.json",
        docs_url=None,  # FastAPI's pages load their scripts from elsewhere; the app has its own
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RequestLog),
            Middleware(AnswerErrors),
            Middleware(RateLimit, limits=limits),
            Middleware(RefuseNul),
            Middleware(BodyLimit),
            Middleware(AnswerHead),
        ],
    )
    add_problem_handlers(api)
    for router in ROUTERS:
        api.include_router(router)
    describe(api)
    return api
