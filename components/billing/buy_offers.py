"""The shop: packs, the plan and any amount, each with a button that says what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import streamlit as st

from components.kit import money
from components.kit.session import session_of
from services.accounts.actor import Actor
from services.billing import checkout, pricing
from services.billing.errors import NotPayable
from services.billing.pricing import Offer, Price

_SLIDER, _NUMBER = "vt_buy_slider", "vt_buy_number"  # widget keys
_FIRST_AMOUNT = 1_000
_STEP = 50


@dataclass
class BuySession:
    """What makes two presses of one button one payment: a key by offer and credits."""

    keys: dict[tuple[str, int], str] = field(default_factory=dict)


def buy_label(price: Price) -> str:
    """`Buy 200 credits · $14.99`."""
    return f"Buy {money.credits(price.credits)} · {money.price(price.total)}"


def test_note() -> None:
    """Says that nobody pays here."""
    st.html(
        '<div class="vt-notice" role="note"><strong>Test mode</strong><p>This installation has no payment gateway, so '
        "the checkout is a simulation: no card is asked for and no money moves.</p></div>"
    )


def offer_cards(offers: Sequence[Offer]) -> Offer | None:
    """One card an offer; the one whose button was pressed."""
    chosen = None
    for offer, column in zip(offers, st.columns(len(offers), gap="medium"), strict=True):
        with column, st.container(key=f"vt-card-{offer.id}"):
            st.html(_card(offer))
            if st.button(buy_label(offer.price), key=f"vt_{offer.id}", width="stretch"):
                chosen = offer
    return chosen


def any_amount() -> Offer | None:
    """A slider and a field for any amount, with its price as it moves; the offer once its button was pressed."""
    for slot in (_SLIDER, _NUMBER):
        st.session_state[slot] = st.session_state.get(slot, _FIRST_AMOUNT)
    with st.container(key="vt-card-amount"):
        st.html("<h2>Any amount</h2>")
        left, right = st.columns([3, 2], gap="large")
        limits: dict[str, Any] = {"min_value": pricing.MIN_CREDITS, "max_value": pricing.MAX_CREDITS, "step": _STEP}
        with left:
            st.slider("Credits", **limits, format="%d", key=_SLIDER, on_change=_copy, args=(_SLIDER, _NUMBER))
            st.number_input("Exact amount", **limits, key=_NUMBER, on_change=_copy, args=(_NUMBER, _SLIDER))
        with right:
            offer = pricing.custom(int(st.session_state[_NUMBER]))
            st.html(_live_price(offer.price))
            pressed = st.button(buy_label(offer.price), key="vt_buy_amount", type="primary", width="stretch")
    return offer if pressed else None


def payment_page(actor: Actor, offer: Offer) -> str:
    """Where `offer` is paid. Pressed twice it is one payment, until that was made or has ended."""
    keys, wanted = session_of(BuySession).keys, (offer.id, offer.price.credits)
    key = keys.setdefault(wanted, uuid4().hex)
    try:
        return checkout.start(actor, offer, key=key).url
    except NotPayable:
        del keys[wanted]
        return payment_page(actor, offer)


def _copy(source: str, target: str) -> None:
    st.session_state[target] = st.session_state[source]


def _card(offer: Offer) -> str:
    price = offer.price
    return (
        f'<p class="vt-label">{"Plan" if offer.kind == "plan" else "Pack"}</p>'
        f'<p class="vt-figure">{price.credits:,}</p>'
        f'<p class="vt-muted vt-small">credits · {money.per_credit(price.unit_price_decimal)}'
        f"{f' · {whole}% off' if (whole := int(price.discount_percent)) else ''}</p>"
    )


def _live_price(price: Price) -> str:
    return (
        f'<div role="status" aria-live="polite"><p class="vt-label">{money.credits(price.credits)}</p>'
        f'<p class="vt-figure">{money.price(price.total)}</p>'
        f'<p class="vt-muted vt-small">{money.per_credit(price.unit_price_decimal)} · {_discount(price)}</p></div>'
    )


def _discount(price: Price) -> str:
    percent = f"{price.discount_percent.normalize():f}"
    return f"{percent}% off" if price.discount_percent else "10% off from 2,100 credits"
