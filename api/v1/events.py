"""Jobs as they change: server-sent events and a WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.websockets import WebSocketDisconnect

from api.v1.dependencies import Reader, identify
from api.v1.job_object import Job
from services.accounts.actor import Actor
from services.errors import ServiceError
from services.jobs.reading import get_jobs
from services.jobs.views import JobView
from services.jobs.watch import watcher

router = APIRouter(prefix="/jobs", tags=["jobs"])

HEARTBEAT_SECONDS = 15.0
Payload = Callable[[Actor, JobView], dict[str, Any]]
NOT_STORED = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_EVENT = {  # OpenAPI describes one event of the stream
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["progress", "succeeded", "failed", "cancelled"]},
        "id": {"type": "string"},
        "data": {"type": "string", "contentMediaType": "application/json", "description": "The job."},
        "retry": {"type": "integer"},
    },
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, then one of `succeeded`, `failed`, `cancelled`; their data is the job.",
        "content": {"text/event-stream": {"schema": _EVENT}},
    },
    204: {"description": "The job has ended and `Last-Event-ID` says that you know."},
}


@router.get("/{job_id}/events", summary="Listen to a job", response_class=Response, responses=_STREAM)
async def job_events(job_id: str, actor: Reader, request: Request) -> Response:
    """Ends after the last event. A client that reconnects sends `Last-Event-ID` and hears only what is new."""
    return await event_stream(request, actor, [job_id], job_data)


@router.websocket("/{job_id}/ws")
async def job_socket(websocket: WebSocket, job_id: str) -> None:
    """The same as messages `{"id", "event", "data"}`, with the same bearer credential."""
    try:
        actor = await run_in_threadpool(identify, websocket)
        actor.require_scope("read")
        await run_in_threadpool(get_jobs, actor, [job_id])
    except ServiceError as error:
        await websocket.close(4000 + error.status, error.message[:120])
        return
    await websocket.accept()
    try:
        async for job in watcher().follow([job_id]):
            await websocket.send_json({"id": job.version, "event": _name(job), "data": job_data(actor, job)})
        await websocket.close()
    except WebSocketDisconnect:
        return


async def event_stream(request: Request, actor: Actor, ids: list[str], payload: Payload) -> Response:
    """These jobs' changes, each with `payload` as its data, until all have ended. Raises NotFound."""
    jobs = await run_in_threadpool(get_jobs, actor, ids)
    known = request.headers.get("last-event-id", "")
    if all(job.ended for job in jobs) and any(_event_id(job) == known for job in jobs):
        return Response(status_code=204)
    stream = _stream(request, actor, ids, known, payload)
    return StreamingResponse(stream, media_type="text/event-stream", headers=NOT_STORED)


async def _stream(request: Request, actor: Actor, ids: list[str], known: str, payload: Payload) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    changes = watcher().follow(ids)
    coming: asyncio.Task[JobView] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(changes))
            done, _ = await asyncio.wait([coming], timeout=HEARTBEAT_SECONDS)
            if not done:
                yield ": still here\n\n"
                continue
            try:
                job = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            if _event_id(job) != known:
                data = await run_in_threadpool(payload, actor, job)
                yield f"id: {_event_id(job)}\nevent: {_name(job)}\ndata: {json.dumps(data)}\n\n"
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
        await changes.aclose()


def _event_id(job: JobView) -> str:
    return f"{job.id}:{job.version}".replace("\n", " ")


def _name(job: JobView) -> str:
    return job.status.value if job.ended else "progress"


def job_data(_actor: Actor, job: JobView) -> dict[str, Any]:
    """The job as `GET /jobs/{id}` gives it."""
    return Job.of(job).model_dump(mode="json")
