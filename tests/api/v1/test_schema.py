"""The API against its own OpenAPI document: generated requests, good and bad, must never meet a 5xx or an answer that
the document does not describe."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.openapi.checks import UndefinedStatusCode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.v1.app import PREFIX
from config import Settings
from services import bootstrap
from tests.api.conftest import DOCUMENT, Person, application, make_person
from tests.api.v1.sample_objects import make_samples

METHODS = ("get", "post", "put", "patch", "delete")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

OPERATIONS = [
    (method, path) for path, item in sorted(DOCUMENT["paths"].items()) for method in METHODS if method in item
]


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_asgi(f"{PREFIX}/openapi.json", application())


@pytest.fixture
def anna(vitrine_sqlite: Settings) -> Iterator[Person]:
    bootstrap.start(vitrine_sqlite.model_copy(update={"rate_limit_per_minute": 10**9}))
    yield make_person("anna@example.com", "super_admin", credits=1000)


@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.soak)])
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_no_request_meets_a_server_error_or_an_undescribed_answer(
    method: str, path: str, examples: int, anna: Person
) -> None:
    operation = _schema()[path][method]
    samples = make_samples(anna) if "{" in path else None
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for real_ids in [None] if samples is None else [None, samples.ids_in(path)]:
            _run(operation, mode, anna, real_ids, examples)


def _run(operation: Any, mode: GenerationMode, person: Person, ids: dict[str, str] | None, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=ids))
    def every_case(case: Any) -> None:
        case.call_and_validate(headers=person.headers, checks=CHECKS)

    try:
        every_case()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # a route without inputs cannot be sent bad ones


def test_the_document_is_openapi_3_1_with_our_server_and_a_bearer_scheme() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    assert DOCUMENT["servers"] == [{"url": PREFIX}]
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert [(one["type"], one["scheme"]) for one in schemes.values()] == [("http", "bearer")]


def test_every_operation_describes_itself_and_its_errors() -> None:
    for method, path in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        assert operation["summary"], (method, path)
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, (method, path)
        if "{" in path:
            assert "404" in operation["responses"], (method, path)


def test_only_signing_in_and_the_price_list_need_no_key() -> None:
    public = {(method, path) for method, path in OPERATIONS if not DOCUMENT["paths"][path][method].get("security")}
    allowed = {"/health", "/auth/register", "/auth/login", "/auth/refresh", "/operations"}
    assert {path for _, path in public} <= allowed | {"/pricing/plans", "/pricing/calculate"}


def test_a_check_of_this_suite_really_fails_on_an_undescribed_answer(vitrine_sqlite: Settings) -> None:
    """The net has no holes: a status the document does not know is caught."""
    schema = schemathesis.openapi.from_dict(
        {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "servers": [{"url": PREFIX}],
            "paths": {"/health": {"get": {"responses": {"201": {"description": "never"}}}}},
        }
    )
    schema.app = application()
    case = schema["/health"]["get"].Case()
    with pytest.raises(FailureGroup) as failed:
        case.call_and_validate(checks=[status_code_conformance])
    assert [type(one) for one in failed.value.exceptions] == [UndefinedStatusCode]
