"""Is the process up, can it do its work, and what do its meters say."""

import hmac

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import config
from api.edge.metrics import exposition
from db.connection import is_reachable
from services.engine import workers
from services.library import storage


def healthz(_request: Request) -> Response:
    """200 as long as the process answers at all."""
    return PlainTextResponse("ok")


def _readiness() -> dict[str, bool]:
    database = is_reachable()
    return {
        "database": database,
        "storage": storage.is_reachable(),
        "worker": database and workers.any_alive(),
    }


async def readyz(_request: Request) -> Response:
    """200 when database, storage and at least one worker are there; else 503 with what is missing."""
    parts = await run_in_threadpool(_readiness)
    return JSONResponse({"ready": all(parts.values()), **parts}, status_code=200 if all(parts.values()) else 503)


async def metrics(request: Request) -> Response:
    """Prometheus metrics, for whoever holds the bearer token of the settings."""
    token = config.settings().metrics_token
    if token is None:
        return PlainTextResponse("Set VITRINE_METRICS_TOKEN to read metrics.", status_code=403)
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        return PlainTextResponse("A bearer token is needed.", status_code=401, headers={"WWW-Authenticate": "Bearer"})
    return Response(await run_in_threadpool(exposition), media_type="text/plain; version=0.0.4; charset=utf-8")


routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]
