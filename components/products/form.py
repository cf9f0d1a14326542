"""What a shop owner says of a product, as a form."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

import streamlit as st

from services.catalog.fields import (
    MAX_DESCRIPTION,
    MAX_PRICE,
    MAX_SKU,
    MAX_TAGS,
    MAX_TITLE,
    ProductChanges,
    ProductFields,
)
from services.catalog.listing import KnownWords
from services.catalog.views import ProductView

_STATUSES = {"draft": "Draft", "active": "Active"}


def product_form(product: ProductView | None, words: KnownWords, *, key: str) -> ProductFields | None:
    """The form, filled from `product` or empty for a new one; what it says once the button is pressed."""
    with st.form(f"vt_product_{key}", border=False):
        title = st.text_input(
            "Title",
            value=product.title if product else "",
            max_chars=MAX_TITLE,
            key=f"{key}_title",
        )
        left, right = st.columns(2)
        sku = left.text_input(
            "SKU",
            value=product.sku if product else "",
            max_chars=MAX_SKU,
            help="Your own short code for it. No two of your products share one.",
            key=f"{key}_sku",
        )
        price = right.number_input(
            "Price (USD)",
            min_value=0.0,
            max_value=MAX_PRICE / 100,
            value=product.price / 100 if product and product.price is not None else None,
            step=1.0,
            format="%.2f",
            placeholder="Not set",
            key=f"{key}_price",
        )
        own = [product.category] if product and product.category else []
        categories = _with(words.categories, own)
        category = left.selectbox(
            "Category",
            categories,
            index=categories.index(own[0]) if own else None,
            accept_new_options=True,
            placeholder="Choose or type one",
            key=f"{key}_category",
        )
        status = right.selectbox(
            "Status",
            list(_STATUSES),
            index=list(_STATUSES).index(product.status) if product else 0,
            format_func=lambda value: _STATUSES[value],
            key=f"{key}_status",
        )
        tags = st.multiselect(
            "Tags",
            _with(words.tags, product.tags if product else ()),
            default=product.tags if product else (),
            accept_new_options=True,
            max_selections=MAX_TAGS,
            placeholder="Choose or type some",
            key=f"{key}_tags",
        )
        description = st.text_area(
            "Description",
            value=product.description if product else "",
            max_chars=MAX_DESCRIPTION,
            height=140,
            key=f"{key}_description",
        )
        label = "Save" if product else "Create product"
        if not st.form_submit_button(label, type="secondary" if product else "primary", key=f"{key}_save"):
            return None
    return ProductFields(
        sku=sku or "",
        title=title or "",
        description=description or "",
        category=category or "",
        tags=tuple(tags),
        price=None if price is None else _cents(price),
        status=status,
    )


def is_drawn(key: str) -> bool:
    """Whether the form `key` is on the screen already, with what was typed into it, or about to be filled."""
    return f"{key}_title" in st.session_state


def changes(drawn: ProductView, fields: ProductFields) -> ProductChanges:
    """What the person changed in a form that was filled from `drawn`; the rest may be different by now and stays."""
    if set(fields.tags) == set(drawn.tags):
        fields = replace(fields, tags=drawn.tags)
    changed = {name: value for name, value in asdict(fields).items() if value != getattr(drawn, name)}
    return cast(ProductChanges, changed)


def _cents(dollars: float) -> int:
    """The widget's number is a float: its shortest decimal form is what the person typed."""
    return int((Decimal(str(dollars)) * 100).to_integral_value(ROUND_HALF_UP))


def _with(known: Iterable[str], own: Iterable[str]) -> list[str]:
    return sorted({*known, *own})
