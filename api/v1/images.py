"""One call from photo to picture: take it in, run the recipe, wait, answer with the bytes."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import JSONResponse, Response

from api.edge.picture_responses import picture
from api.v1.dependencies import Writer
from api.v1.idempotency import IdempotentRoute, run_key
from api.v1.intake_turns import take_in
from api.v1.job_object import Job, credit_headers
from config import settings
from services.accounts.actor import Actor
from services.errors import FieldError, Invalid, ServiceError
from services.jobs import reading, submission
from services.jobs.views import JobView
from services.jobs.watch import watcher
from services.library import assets
from services.library.intake import FileTooLarge, UnsupportedMedia
from services.studio.encoding import CONTENT_TYPES
from services.studio.recipes import Recipe, parse_recipe

router = APIRouter(prefix="/images", tags=["images"], route_class=IdempotentRoute)

DEFAULT_TIMEOUT, MAX_TIMEOUT = 30.0, 60.0
_STATUSES = {
    "internal": 500,
    "unavailable": 503,
    "storage_unavailable": 503,
    "cancelled": 409,
    "not_found": 404,
    "file_too_large": 413,
}


class JobFailed(ServiceError):
    """The job of the call failed: its own code and words, as the answer."""

    def __init__(self, job: JobView) -> None:
        error = job.error
        super().__init__(error.message if error else "This job was cancelled. Nothing was charged.")
        self.code = error.code if error else "cancelled"
        self.status = _STATUSES.get(self.code, 422)
        self.retryable = error.retryable if error else False


@dataclass(frozen=True)
class _Wanted:
    """What a call asks for; exactly one of `upload`, `asset_id`, `url` is set."""

    recipe: Recipe
    timeout: float
    upload: UploadFile | None
    asset_id: str | None
    url: str | None


_TEXT: dict[str, Any] = {"type": "string"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "The photo."},
                        "asset_id": {**_TEXT, "description": "Instead of a file: a picture of your library."},
                        "url": {**_TEXT, "description": "Instead of a file: a public address."},
                        "recipe": {**_TEXT, "description": "A recipe as JSON text."},
                        "op": {**_TEXT, "description": "Instead of a recipe: one operation."},
                        "params": {**_TEXT, "description": "Its parameters as JSON text."},
                        "format": {"type": "string", "enum": list(CONTENT_TYPES), "description": "With op: the file."},
                        "timeout": {"type": "number", "minimum": 0, "maximum": MAX_TIMEOUT, "default": DEFAULT_TIMEOUT},
                    },
                }
            }
        },
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture.",
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in CONTENT_TYPES.values()},
        "headers": {
            name: {"schema": {"type": kind}}
            for name, kind in (
                ("X-Job-Id", "string"),
                ("X-Credits-Charged", "integer"),
                ("X-Credits-Balance", "integer"),
            )
        },
    },
    202: {"description": "Not ready within `timeout`: the job, which goes on.", "model": Job},
}


@router.post("", summary="Make a picture", openapi_extra=_BODY, responses=_ANSWERS, response_class=Response)
async def create_image(request: Request, actor: Writer) -> Response:
    """Send a photo (`file`, `asset_id` or `url`) and a `recipe`, or one `op` with its `params`; get the picture back.

    Waits up to `timeout` seconds. A failure is problem+json and charges nothing.
    """
    wanted = await _wanted(request)
    asset_id, is_new = wanted.asset_id, wanted.asset_id is None
    if asset_id is None:
        asset_id = await _taken_in(request, actor, wanted)
    job = await run_in_threadpool(_submit, actor, wanted.recipe, asset_id, is_new, run_key(request))
    if wanted.timeout > 0:
        job = await watcher().ended(job.id, wanted.timeout) or job
    return await run_in_threadpool(_answer, request, actor, job.id)


async def _wanted(request: Request) -> _Wanted:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        raise UnsupportedMedia("Send a form (multipart/form-data) with a part named 'file', and a 'recipe' or an 'op'.")
    form = await request.form(max_files=4, max_fields=32)
    upload = form.get("file")
    if upload is not None and not isinstance(upload, UploadFile):
        raise _invalid("file", "Send the photo as a file, not as text.")
    if upload is not None and upload.size is not None and upload.size > settings().max_upload_bytes:
        raise FileTooLarge.over(settings().max_upload_bytes)
    asset_id, url = _text(form, "asset_id"), _text(form, "url")
    if sum(one is not None for one in (upload, asset_id, url)) != 1:
        raise _invalid("file", "Send one of 'file', 'asset_id' and 'url'.")
    return _Wanted(_recipe(form), _timeout(form), upload, asset_id, url)


def _recipe(form: FormData) -> Recipe:
    recipe, op = _text(form, "recipe"), _text(form, "op")
    if (recipe is None) == (op is None):
        raise _invalid("recipe", "Send either a 'recipe' or an 'op' with its 'params'.")
    if recipe is not None:
        return parse_recipe(_json(recipe, "recipe"))
    data: dict[str, Any] = {"steps": [{"op": op, "params": _json(_text(form, "params") or "{}", "params")}]}
    if (format := _text(form, "format")) is not None:
        data["output"] = {"format": format}
    return parse_recipe(data)


def _timeout(form: FormData) -> float:
    text = _text(form, "timeout")
    try:
        seconds = DEFAULT_TIMEOUT if text is None else float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MAX_TIMEOUT:
        raise _invalid("timeout", f"The timeout is a number of seconds from 0 to {MAX_TIMEOUT:.0f}.")
    return seconds


def _text(form: FormData, name: str) -> str | None:
    value = form.get(name)
    if value is not None and not isinstance(value, str):
        raise _invalid(name, f"Send '{name}' as text, not as a file.")
    return value or None


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(name, f"'{name}' is not valid JSON.") from error


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, errors=(FieldError(field, message),))


async def _taken_in(request: Request, actor: Actor, wanted: _Wanted) -> str:
    if wanted.upload is not None:
        data = await wanted.upload.read()
        return (await take_in(request, assets.upload, actor, data, wanted.upload.filename or "picture")).id
    return (await take_in(request, assets.import_url, actor, wanted.url or "")).id


def _submit(actor: Actor, recipe: Recipe, asset_id: str, is_new: bool, key: str | None) -> JobView:
    """Start the job. A picture taken in for this call alone goes again if no job came to need it."""
    needed = False
    try:
        job = submission.submit(actor, recipe, asset_id, key=key)
        needed = asset_id == job.input_asset_id  # a repeated call gets the first one's job, of the first one's picture
        return job
    except ServiceError:
        raise
    except BaseException:
        needed = True  # it may have been written all the same
        raise
    finally:
        if is_new and not needed:
            with suppress(ServiceError):  # the picture stays, but the refusal is what matters
                assets.purge(actor, asset_id)


def _answer(request: Request, actor: Actor, job_id: str) -> Response:
    job = reading.get_job(actor, job_id)
    headers = credit_headers(request.scope, actor, job)
    if not job.ended:
        return JSONResponse(Job.of(job).model_dump(mode="json"), 202, headers)
    if not job.result_asset_ids:
        raise JobFailed(job)
    response = picture(assets.content(actor, job.result_asset_ids[0], "original", None))
    response.headers.update(headers)
    return response
