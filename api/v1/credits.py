"""Credits: the balance and what happened to it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime, Field

from api.v1.dependencies import Reader
from api.v1.pagination import ListOf, PageCursor
from api.v1.schemas import Time, View
from services import credits

router = APIRouter(prefix="/credits", tags=["credits"])

Kind = Literal["grant", "hold", "capture", "release", "refund", "adjust", "lapse"]


class Lot(View):
    """Credits that came together. The soonest to lapse is spent first."""

    source: str = Field(examples=["daily"])
    remaining: int
    lapses_at: Time | None


class CreditBalance(View):
    """Credits to spend, and credits set aside for jobs that have not ended."""

    object: Literal["credit_balance"] = "credit_balance"
    available: int
    held: int
    daily_free_remaining: int = Field(description="Of today's free credits; they lapse at midnight UTC.")
    lots: list[Lot]


class CreditTransaction(View):
    """One movement of credits: `amount` is its size, `change` what it did to the available balance."""

    id: str
    object: Literal["credit_transaction"] = "credit_transaction"
    kind: Kind
    amount: int
    change: int
    available_after: int
    held_after: int
    reason: str
    job_id: str | None
    payment_id: str | None
    created_at: Time


class Filters(View):
    """Which movements are asked for."""

    kind: Kind | None
    since: AwareDatetime | None
    until: AwareDatetime | None


def _filters(
    kind: Annotated[Kind | None, Query(description="Only movements of this kind.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="From this time on.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
) -> Filters:
    return Filters(kind=kind, since=since, until=until)


Filtered = Annotated[Filters, Depends(_filters)]


@router.get("", summary="Show the balance")
def show_balance(actor: Reader) -> CreditBalance:
    """The day's free credits are granted by asking."""
    return CreditBalance.model_validate(credits.balance(actor))


@router.get("/transactions", summary="List movements of credits")
def list_transactions(actor: Reader, page: PageCursor, filters: Filtered) -> ListOf[CreditTransaction]:
    """Newest first, each with the balance after it."""
    found = credits.transactions(
        actor,
        kind=filters.kind,
        since=filters.since,
        until=filters.until,
        limit=page.limit,
        starting_after=page.starting_after,
    )
    return ListOf(data=[CreditTransaction.model_validate(one) for one in found.data], has_more=found.has_more)


@router.get(
    "/transactions.csv",
    summary="Export movements of credits",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def export_transactions(actor: Reader, filters: Filtered) -> Response:
    """All of them as CSV, newest first."""
    text = credits.transactions_csv(actor, kind=filters.kind, since=filters.since, until=filters.until)
    headers = {"Content-Disposition": 'attachment; filename="credit-transactions.csv"'}
    return Response(text, media_type="text/csv", headers=headers)
