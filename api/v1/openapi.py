"""The OpenAPI document: what FastAPI derives, plus the errors that every route may answer with."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.edge.problems import MEDIA_TYPE, Problem
from api.v1.idempotency import IdempotentRoute

_METHODS = ("get", "post", "put", "patch", "delete")
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text of up to 255 characters that names this request. Sent again within 24 hours with the same "
    "body, the first answer is replayed and nothing runs or is charged twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+( +[!-~]+)*$"},
}


def describe(api: FastAPI) -> None:
    """Make `api.openapi()` build the whole document, once."""

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            api.openapi_schema = _build(api)
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]


def _build(api: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=api.title,
        version=api.version,
        openapi_version="3.1.0",
        description=api.description,
        routes=api.routes,
        servers=api.servers,
        tags=api.openapi_tags,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["responses"] = {
        "Problem": {
            "description": "What went wrong, as RFC 9457 problem details.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }
    repeatable = {(path, method.lower()) for path, method in _idempotent(api)}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if operation := item.get(method):
                _add_errors(operation, "{" in path)
                if (path, method) in repeatable:
                    operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return document


def _add_errors(operation: dict[str, Any], has_id: bool) -> None:
    statuses = ["400", "422", "429", "default"]
    if operation.get("security"):
        statuses += ["401", "403"]
    if has_id:
        statuses.append("404")
    responses = operation["responses"]
    for status in statuses:
        if MEDIA_TYPE not in responses.get(status, {}).get("content", {}):
            responses[status] = _PROBLEM


def _idempotent(api: FastAPI) -> list[tuple[str, str]]:
    return [
        (route.path_format, method)
        for route in api.routes
        if isinstance(route, IdempotentRoute)
        for method in route.methods or ()
        if method == "POST"
    ]
