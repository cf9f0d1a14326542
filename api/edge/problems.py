"""Every error of the API as RFC 9457 problem+json."""

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.edge.request_log import facts_of
from config import settings
from services.errors import FieldError, Invalid, ServiceError, Unavailable
from services.library.intake import FileTooLarge

MEDIA_TYPE = "application/problem+json"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_log = structlog.get_logger("vitrine.api")

# What the framework itself refuses: code and words.
_BY_STATUS = {
    400: ("malformed", "The request could not be read. Check its body and its content type."),
    401: ("unauthenticated", "Send an API key or access token: 'Authorization: Bearer vit_…'."),
    404: ("not_found", "There is nothing at this address. Check the path."),
    405: ("method_not_allowed", "This address does not take that method."),
    415: ("unsupported_media", "This kind of content is not accepted here."),
}


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """An error: `code` is stable, `detail` is for people."""

    type: str = Field(examples=["/docs/errors#not_found"])
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: list[FieldProblem] = []
    request_id: str
    credits_charged: int = 0


def problem(request: Request, error: BaseException) -> Response:
    """The answer to any error. An unexpected one is logged; the answer names its request id only."""
    known = _as_service_error(error)
    if known is None:
        _log.error("unhandled", exc_info=error, path=request.url.path)
        known = ServiceError()
    elif known.status >= 500:
        _log.warning("failed", code=known.code, reason=str(error), path=request.url.path)
    facts = facts_of(request.scope)
    body = Problem(
        type=f"/docs/errors#{known.code}",
        title=_title(known.status),
        status=known.status,
        detail=known.message,
        instance=request.url.path,
        code=known.code,
        errors=[FieldProblem(field=one.field, message=one.message) for one in known.errors],
        request_id=facts.request_id,
        credits_charged=facts.credits_charged,
    )
    headers = dict(getattr(error, "headers", None) or {})
    if known.retry_after is not None:
        headers["Retry-After"] = str(max(1, -int(-known.retry_after // 1)))
    if known.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(), known.status, headers, media_type=MEDIA_TYPE)


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _as_service_error(error: BaseException) -> ServiceError | None:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, RequestValidationError):
        return _of_validation(error)
    if isinstance(error, HTTPException):
        if error.status_code == 413:
            return FileTooLarge.over(settings().max_upload_bytes)
        code, words = _BY_STATUS.get(error.status_code, ("error", str(error.detail)))
        return _with_status(error.status_code, code, words)
    if isinstance(error, OperationalError | InterfaceError):
        return Unavailable(retry_after=2)
    if isinstance(error, DataError | UnicodeError | OverflowError):  # a value that no column can hold
        return Invalid("One of the values cannot be stored: a number too large, or a character that is not text.")
    return None


def _with_status(status: int, code: str, message: str) -> ServiceError:
    known = ServiceError(message)
    known.status, known.code = status, code  # the class's own values stay as they are
    return known


def _of_validation(error: RequestValidationError) -> ServiceError:
    found = error.errors()
    if any(one["type"] == "json_invalid" for one in found):
        return _with_status(400, "malformed", "The body is not valid JSON.")
    fields = tuple(FieldError(_field(one["loc"]), _sentence(one["msg"])) for one in found)
    named = ", ".join(dict.fromkeys(one.field for one in fields if one.field))
    return Invalid(f"Check {named}: {fields[0].message}" if named else None, errors=fields)


def _field(location: tuple[Any, ...]) -> str:
    """`("body", "steps", 0, "op")` -> `steps[0].op`."""
    path = ""
    for part in location[1:] or location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


def _sentence(message: str) -> str:
    return message.removeprefix("Value error, ").rstrip(".") + "."


def add_problem_handlers(api: FastAPI) -> None:
    """Answer every error that a route or the router raises."""
    for kind in (ServiceError, RequestValidationError, HTTPException, DataError, OperationalError, InterfaceError):
        api.add_exception_handler(kind, _handle)


async def _handle(request: Request, error: Exception) -> Response:
    answer = problem(request, error)
    if answer.status_code == 405:
        answer.headers["Allow"] = ", ".join(_allowed(request))
    return answer


def _allowed(request: Request) -> list[str]:
    """Every method that some route takes at this address; the router names those of the first it finds."""

    def is_taken(method: str) -> bool:
        asked = {**request.scope, "method": method}
        return any(route.matches(asked)[0] is Match.FULL for route in request.app.routes)

    taken = [method for method in _METHODS if is_taken(method)]
    return ["GET", "HEAD", *taken[1:]] if "GET" in taken else taken


class AnswerErrors:
    """Pure ASGI middleware: what was raised outside of any route, or by nobody's intent, is answered all the same."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            if started:  # too late for another answer: let the server cut the connection
                raise
            await problem(Request(scope), error)(scope, receive, send)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route for the OpenAPI document."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _title(status), "content": content} for status in statuses}
