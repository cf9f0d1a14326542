"""The shop: pressing a button twice is one purchase."""

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

import db
from components.kit import leave
from db.models import Payment, PaymentStatus
from services.accounts.actor import Actor
from services.billing.payments import list_payments
from tests.components.conftest import opened


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the browser was sent to."""
    addresses: list[str] = []
    monkeypatch.setattr(leave, "leave_for", addresses.append)
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    return addresses


def press(screen: AppTest, label: str) -> None:
    next(button for button in screen.button if button.label.startswith(label)).click()
    assert not screen.run().exception


def test_a_button_pressed_twice_is_one_payment_until_that_has_ended(owner: Actor, visited: list[str]) -> None:
    screen = opened("shop/buy").run()
    for _ in range(2):
        press(screen, "Buy 200 credits")
    assert len(set(visited)) == 1
    press(screen, "Buy 50 credits")
    assert [payment.credits for payment in list_payments(owner).items] == [50, 200]

    with db.transaction() as session:
        session.execute(sa.update(Payment).values(status=PaymentStatus.EXPIRED, checkout_url=None))
    press(screen, "Buy 200 credits")
    assert [payment.credits for payment in list_payments(owner).items] == [200, 50, 200]
    assert len(set(visited)) == 3
