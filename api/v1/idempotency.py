"""Idempotency-Key: the same request sent twice runs once and gets the same answer twice."""

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Annotated, Any

from fastapi import Depends
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.edge.problems import problem
from api.v1.dependencies import identify
from services.accounts.repeated_requests import Claim, StoredAnswer, abandon, claim, complete, forget
from services.errors import FieldError, ServiceError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MAX_LENGTH = 255
_PRINTABLE = re.compile(r"[ -~]+")
_RUN_KEY = "vitrine.run_key"
# Refused before anything was done, and trying again may go otherwise.
_PASSING = frozenset({401, 403, 408, 409, 413, 425, 429})
_PER_ANSWER = frozenset({"content-length", "x-request-id", "ratelimit", "ratelimit-policy", "set-cookie", "date"})


class BadIdempotencyKey(ServiceError):
    code = "malformed"
    status = 400
    message = f"An Idempotency-Key is 1 to {MAX_LENGTH} plain characters."


class IdempotentRoute(APIRoute):
    """`APIRouter(route_class=IdempotentRoute)`: its POSTs honour an Idempotency-Key, scoped to the account."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        if "POST" not in (self.methods or ()):
            return handler

        async def once(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await handler(request)
            if len(key) > MAX_LENGTH or not _PRINTABLE.fullmatch(key):
                raise BadIdempotencyKey(errors=(FieldError(HEADER, BadIdempotencyKey.message),))
            actor = await run_in_threadpool(identify, request)
            claimed = await run_in_threadpool(claim, actor.id, key, await fingerprint(request))
            if isinstance(claimed, StoredAnswer):
                return _replay(claimed)
            return await _run(handler, request, claimed)

        return once


async def _run(
    handler: Callable[[Request], Coroutine[Any, Any, Response]], request: Request, claimed: Claim
) -> Response:
    request.scope[_RUN_KEY] = claimed.run_key
    settle = abandon
    try:
        try:
            response = await handler(request)
        except (ServiceError, HTTPException, RequestValidationError) as error:
            response = problem(request, error)
        if response.status_code in _PASSING:
            settle = forget
        elif response.status_code < 500:
            headers = {name: value for name, value in response.headers.items() if name not in _PER_ANSWER}
            settle = partial(complete, answer=StoredAnswer(response.status_code, headers, await _body_of(response)))
        return response
    finally:
        await run_in_threadpool(settle, claimed)


def run_key(request: Request) -> str | None:
    """What names this request for whatever it starts, the same at each try; None without an Idempotency-Key."""
    return request.scope.get(_RUN_KEY)


RunKey = Annotated[str | None, Depends(run_key)]


def _replay(answer: StoredAnswer) -> Response:
    response = Response(answer.body, answer.status)
    for name, value in answer.headers.items():
        response.headers[name] = value
    response.headers[REPLAYED] = "true"
    return response


async def _body_of(response: Response) -> bytes:
    """The answer's whole body; a stream is read to its end and put back."""
    if not isinstance(response, StreamingResponse):
        return bytes(response.body)
    chunks = [chunk.encode() if isinstance(chunk, str) else bytes(chunk) async for chunk in response.body_iterator]

    async def again() -> Any:
        for chunk in chunks:
            yield chunk

    response.body_iterator = again()
    return b"".join(chunks)


async def fingerprint(request: Request) -> str:
    """SHA-256 over method, address and what the body says.

    A form counts by its fields and the content of its files: a client picks a new boundary for every try. JSON counts
    by its values, anything else by its bytes.
    """
    whole = hashlib.sha256()

    def add(*parts: str | bytes) -> None:
        for part in parts:
            raw = part.encode(errors="replace") if isinstance(part, str) else part
            whole.update(len(raw).to_bytes(8, "big") + raw)

    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    add(request.method, request.url.path, request.url.query, kind)
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        for name, value in (await request.form()).multi_items():
            if isinstance(value, UploadFile):
                add("file", name, value.filename or "", value.content_type or "", await _digest(value))
            else:
                add("field", name, value)
    else:
        add(_canonical(await request.body(), kind))
    return whole.hexdigest()


async def _digest(upload: UploadFile) -> bytes:
    digest = hashlib.sha256()
    while chunk := await upload.read(1 << 20):
        digest.update(chunk)
    await upload.seek(0)
    return digest.digest()


def _canonical(body: bytes, kind: str) -> bytes:
    if kind != "application/json":
        return body
    try:
        return json.dumps(json.loads(body), sort_keys=True, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return body
