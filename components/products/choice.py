"""Choosing the product that some pictures of the gallery go to."""

from collections.abc import Sequence

import streamlit as st

from components.kit.counts import counted
from components.shell import feedback, page_table
from services.accounts.actor import Actor
from services.catalog.listing import ProductFilters, list_products
from services.catalog.pictures import add_pictures
from services.errors import ServiceError

_OFFERED = 100


@st.dialog("Add to a product")
def ask_for_product(actor: Actor, asset_ids: Sequence[str]) -> None:
    """Ask which one and put the pictures there; a refusal is shown and leaves the question open."""
    words = st.text_input(
        "Search by title or SKU",
        key="choice_words",
        type="search",
        icon=":material/search:",
        placeholder="Title or SKU",
    )
    filters = ProductFilters(q=words or "", statuses=("draft", "active"))
    found = list_products(actor, filters=filters, sort="updated", limit=_OFFERED)
    if not found.items:
        st.write("No product matches." if words else "There are no products yet.")
        if st.button("New product", key="choice_new", icon=":material/add:"):
            st.switch_page(page_table.PRODUCT.script)
        return
    chosen = st.selectbox(
        "Product", found.items, format_func=lambda product: f"{product.title} · {product.sku}", key="choice_product"
    )
    if found.has_more:
        st.caption(f"The {_OFFERED} changed last. Search to find others.")
    if not st.button("Add", type="primary", key="choice_add"):
        return
    try:
        add_pictures(actor, chosen.id, asset_ids)
    except ServiceError as error:
        feedback.show_error(error)
    else:
        feedback.toast_after_rerun(f"{counted(len(asset_ids), 'picture')} added to {chosen.sku}.")
        st.rerun()
