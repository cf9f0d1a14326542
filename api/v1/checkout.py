"""Buying credits: a page to pay at, and the payments so far."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from api.edge.problems import problem_responses
from api.v1.dependencies import Biller, Reader
from api.v1.idempotency import IdempotentRoute, RunKey
from api.v1.pagination import ListOf, PageCursor
from api.v1.schemas import Body, Money, Time, View
from db.models import PaymentStatus
from services.billing import checkout, payments, pricing
from services.billing.payments import PaymentView

router = APIRouter(tags=["payments"], route_class=IdempotentRoute)


class CheckoutBody(Body):
    """What to buy: exactly one of `pack`, `credits` and `plan` (`GET /pricing/plans` lists them)."""

    pack: str | None = Field(
        None, examples=["pack_200"], json_schema_extra={"enum": [*(offer.id for offer in pricing.PACKS), None]}
    )
    credits: int | None = Field(None, ge=pricing.MIN_CREDITS, le=pricing.MAX_CREDITS)
    plan: str | None = Field(None, json_schema_extra={"enum": [*(offer.id for offer in pricing.PLANS), None]})
    success_url: str | None = Field(
        None,
        max_length=checkout.MAX_ADDRESS,
        description="Where the browser goes once it was paid; our own page if left out.",
    )
    cancel_url: str | None = Field(
        None, max_length=checkout.MAX_ADDRESS, description="Where the browser goes if the person turns back."
    )


class CheckoutSession(View):
    """A page to pay at: send the browser to `url`. The credits arrive once the payment gateway reports the payment."""

    object: Literal["checkout_session"] = "checkout_session"
    payment_id: str
    url: str


class Payment(View):
    """One purchase. `checkout_url` is where it can still be paid; `test` marks one for which nobody paid."""

    id: str
    object: Literal["payment"] = "payment"
    status: PaymentStatus
    offer: str = Field(examples=["pack_200"])
    name: str
    credits: int
    credits_reversed: int = Field(description="Taken back after a refund or a dispute.")
    amount: Money
    amount_refunded: Money
    failure: str | None = Field(description="Why the last attempt to pay failed.")
    checkout_url: str | None
    test: bool
    created_at: Time
    paid_at: Time | None

    @classmethod
    def of(cls, payment: PaymentView) -> "Payment":
        return cls(
            id=payment.id,
            status=payment.status,
            offer=payment.offer,
            name=payment.name,
            credits=payment.credits,
            credits_reversed=payment.credits_reversed,
            amount=Money(amount=payment.amount),
            amount_refunded=Money(amount=payment.amount_refunded),
            failure=payment.failure,
            checkout_url=payment.checkout_url,
            test=payment.is_test,
            created_at=payment.created_at,
            paid_at=payment.paid_at,
        )


@router.post(
    "/checkout/sessions", status_code=201, summary="Begin to buy credits", responses=problem_responses(409, 503)
)
def create_checkout_session(body: CheckoutBody, actor: Biller, run_key: RunKey) -> CheckoutSession:
    """Nothing is charged until the person pays on the page at `url`."""
    offer = pricing.chosen(pack=body.pack, credits=body.credits, plan=body.plan)
    made = checkout.start(actor, offer, success_url=body.success_url, cancel_url=body.cancel_url, key=run_key)
    return CheckoutSession.model_validate(made)


@router.get("/payments", summary="List payments")
def list_payments(actor: Reader, page: PageCursor) -> ListOf[Payment]:
    """Newest first, those that were never paid too."""
    found = payments.list_payments(actor, limit=page.limit, starting_after=page.starting_after)
    return ListOf(data=[Payment.of(one) for one in found.items], has_more=found.has_more)


@router.get("/payments/{payment_id}", summary="Show a payment")
def show_payment(payment_id: str, actor: Reader) -> Payment:
    """One of your own."""
    return Payment.of(payments.get_payment(actor, payment_id))
