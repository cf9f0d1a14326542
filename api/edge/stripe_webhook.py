"""POST /webhooks/stripe: events from the payment gateway. 2xx once an event is safely stored, applied or not."""

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from services.billing.webhook import ADDRESS, receive
from services.errors import ServiceError, Unavailable

MAX_BODY_BYTES = 1024 * 1024
_log = structlog.get_logger("vitrine.payments")


async def stripe_webhook(request: Request) -> Response:
    """The signature is over the raw body, so nothing may parse it before."""
    body = await request.body()
    try:
        received = await run_in_threadpool(receive, body, request.headers.get("stripe-signature", ""))
    except (OperationalError, InterfaceError) as error:
        _log.warning("webhook_not_stored", reason=str(error))
        return _refusal(Unavailable())  # not 2xx: the gateway sends it again
    except ServiceError as error:
        _log.warning("webhook_refused", code=error.code)
        return _refusal(error)
    return JSONResponse({"received": True, "repeated": not received.first})


def _refusal(error: ServiceError) -> Response:
    return JSONResponse({"code": error.code, "detail": error.message}, error.status)


routes: list[BaseRoute] = [Route(ADDRESS, stripe_webhook, methods=["POST"], max_body_size=MAX_BODY_BYTES)]
