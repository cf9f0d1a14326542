"""What credits cost. Public: a price is known before anybody signs up."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from api.edge.problems import problem_responses
from api.v1.schemas import Money, View
from services.billing import pricing
from services.billing.pricing import Offer, Price

router = APIRouter(prefix="/pricing", tags=["pricing"])


class UnitPrice(Money):
    """The price of one credit: `amount` to the cent, `amount_decimal` in cents to four places."""

    amount_decimal: str = Field(examples=["8.9092"])


class Calculation(View):
    """The price of an amount of credits. `total` is rounded to the cent once, not from the unit price."""

    credits: int
    discount_percent: float = Field(description="Against $0.10 a credit, to two places.")
    unit_price: UnitPrice
    total: Money

    @classmethod
    def of(cls, price: Price) -> "Calculation":
        return cls(
            credits=price.credits,
            discount_percent=float(price.discount_percent),
            unit_price=UnitPrice(amount=price.unit_price, amount_decimal=str(price.unit_price_decimal)),
            total=Money(amount=price.total),
        )


class Plan(Calculation):
    """A pack or plan with a fixed price."""

    id: str
    object: Literal["plan"] = "plan"
    kind: Literal["pack", "plan"]
    name: str

    @classmethod
    def of_offer(cls, offer: Offer) -> "Plan":
        return cls.model_validate(
            {"id": offer.id, "kind": offer.kind, "name": offer.name, **Calculation.of(offer.price).model_dump()}
        )


class AnyAmount(View):
    """Credits can be bought in any amount between these; `/pricing/calculate` gives the price."""

    min_credits: int
    max_credits: int
    unit_price: Money
    discount_from: int = Field(description="The amount of credits from which there is a discount.")
    min_discount_percent: float
    max_discount_percent: float


class Plans(View):
    """Everything on sale."""

    data: list[Plan]
    has_more: bool = False
    custom: AnyAmount


@router.get("/plans", summary="List packs and plans")
def list_plans() -> Plans:
    """Packs, the plan, and the limits of buying any amount."""
    return Plans(
        data=[Plan.of_offer(offer) for offer in (*pricing.PACKS, *pricing.PLANS)],
        custom=AnyAmount(
            min_credits=pricing.MIN_CREDITS,
            max_credits=pricing.MAX_CREDITS,
            unit_price=Money(amount=pricing.CENTS_PER_CREDIT),
            discount_from=pricing.DISCOUNT_FROM,
            min_discount_percent=pricing.MIN_DISCOUNT,
            max_discount_percent=pricing.MAX_DISCOUNT,
        ),
    )


@router.get("/calculate", summary="Price any amount of credits", responses=problem_responses(422))
def calculate(
    credits: Annotated[
        int,
        Query(
            description="How many credits.",
            examples=[5000],
            json_schema_extra={"minimum": pricing.MIN_CREDITS, "maximum": pricing.MAX_CREDITS},
        ),
    ],
) -> Calculation:
    """The more, the cheaper: 10% off from 2,100 credits, rising to 25% at 50,000."""
    return Calculation.of(pricing.calculate(credits))
