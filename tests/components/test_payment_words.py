"""What the screens say of a payment that was not made yet, or was taken back."""

from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from components.billing.checkout_result import open_words, taken_back_words, waiting_words
from components.billing.payment_list import state_words
from db.clock import now
from db.models import PaymentStatus
from services.billing.payments import PaymentView


def payment(**facts: Any) -> PaymentView:
    """200 credits for $14.99, still to be paid unless `facts` say otherwise."""
    common: dict[str, Any] = {
        "id": "pay_1", "offer": "pack_200", "name": "200 credits", "credits": 200, "credits_reversed": 0,
        "amount": 1499, "amount_refunded": 0, "currency": "usd", "status": PaymentStatus.OPEN, "is_test": False,
        "is_under_way": False, "checkout_url": "https://pay.example/1", "success_url": "", "cancel_url": "",
        "failure": None, "dispute": None, "created_at": now(), "paid_at": None,
    }  # fmt: skip
    return PaymentView(**(common | facts))


@pytest.mark.parametrize(
    ("facts", "title", "state"),
    [
        ({}, "You left before paying", "Not paid yet"),
        ({"failure": "Declined."}, "The payment did not go through", "Not paid yet"),
        ({"checkout_url": None}, "The payment page could not be opened", "Not paid yet"),
        ({"checkout_url": None, "is_under_way": True}, "Your bank is carrying out the payment", "With your bank"),
    ],
)
def test_what_was_not_paid_is_said_as_it_is(facts: dict[str, Any], title: str, state: str) -> None:
    shown = payment(**facts)
    assert (open_words(shown)[0], state_words(shown)) == (title, state)
    assert ("kept for a day" in open_words(shown)[1]) == (title == "You left before paying")


def test_only_a_long_wait_is_said_to_be_one_whenever_the_payment_was_begun() -> None:
    begun_long_ago = payment(created_at=now() - timedelta(hours=2))
    assert waiting_words(begun_long_ago, timedelta(seconds=1)) == "This takes a few seconds."
    assert "longer than usual" in waiting_words(begun_long_ago, timedelta(minutes=3))


def test_a_lost_dispute_is_not_said_to_wait_for_its_end() -> None:
    words = {
        dispute: taken_back_words(payment(status=PaymentStatus.DISPUTED, credits_reversed=200, dispute=dispute))
        for dispute in ("needs_response", "lost")
    }
    assert "Until that is settled" in words["needs_response"]
    assert "for good" in words["lost"]
    assert "settled" not in words["lost"]


def _paid_page(dispute: str | None) -> None:
    from components.billing import simulated_checkout
    from tests.components.test_payment_words import payment

    simulated_checkout.paid_payment(payment(status="succeeded", paid_at=payment().created_at, dispute=dispute))


@pytest.mark.parametrize(
    ("dispute", "offered", "reason"),
    [
        (None, ["Dispute"], "nothing to settle before a dispute"),
        ("needs_response", ["Settle: we win", "Settle: we lose"], ""),
        ("won", [], "was settled"),
        ("lost", [], "was settled"),
    ],
)
def test_the_test_checkout_offers_what_can_still_happen_to_a_payment(
    dispute: str | None, offered: list[str], reason: str
) -> None:
    page = AppTest.from_function(_paid_page, args=(dispute,)).run()
    assert not page.exception
    assert [one.label for one in page.button if not one.disabled and "Refund" not in one.label] == offered
    assert reason in "".join(one.value for one in page.caption)
    assert bool(page.caption) == bool(reason)
