"""The catalogue: what the studio can do, with which parameters, for how many credits."""

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from api.dependencies import Reader
from api.schemas import View
from services.studio.operations import CATALOGUE
from services.studio.pricing import todays_prices

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
    engines: list[str] = Field(description="Who can run it now.")
    needs_key: bool = Field(description="Whether the shop has to bring a provider's key.")


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
                engines=list(operation.engines),
                needs_key=operation.needs_key,
            )
            for operation in CATALOGUE.values()
        ]
    )
