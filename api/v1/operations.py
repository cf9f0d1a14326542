"""The catalogue: what the studio can do, with which parameters, for how many credits."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from api.v1.dependencies import Reader
from api.v1.schemas import View
from services.studio import engines
from services.studio.operations import registry
from services.studio.pricing import todays_prices
from services.studio.providers import resolver

router = APIRouter(prefix="/operations", tags=["studio"])


class Operation(View):
    """One operation of a recipe. `params` is the JSON Schema of its parameters."""

    id: str
    object: Literal["operation"] = "operation"
    title: str
    description: str
    params: dict[str, Any]
    credits: int = Field(description="Price a picture.")
    includes: list[str] = Field(description="Operations that this one's price covers.")
    version: int = Field(description="Counts up when the same parameters give another picture.")
    engines: list[str] = Field(description="Who can run it now, the best first: `auto` takes the first.")
    needs_key: bool = Field(description="Whether only a generative provider does it, for which staff set a key.")
    can_run_now: bool = Field(description="False while its provider's key is not set.")
    setting: str | None = Field(description="The setting that switches its provider on.")


class OperationList(View):
    """The whole catalogue."""

    data: list[Operation]
    has_more: bool = False


@router.get("", summary="List the operations")
def list_operations(actor: Reader) -> OperationList:
    """Every operation that a recipe can use."""
    prices = todays_prices()
    return OperationList(
        data=[
            Operation(
                id=operation.id,
                title=operation.title,
                description=operation.summary,
                params=operation.params.model_json_schema(),
                credits=prices[operation.id],
                includes=list(operation.includes),
                version=operation.version,
                engines=list(engines.able(operation)),
                needs_key=operation.by_provider,
                can_run_now=bool(engines.able(operation)),
                setting=resolver.setting_of(operation),
            )
            for operation in registry.operations()
        ]
    )
