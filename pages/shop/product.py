"""One product: what it is, its pictures, making new ones for a marketplace, taking them as a ZIP; or a new product."""

import streamlit as st

from components.products.view import show_new_product, show_product
from components.shell import feedback, guard, page_table
from components.shell.theme import apply_studio_style
from services.catalog.products import get_product
from services.errors import ServiceError

actor = guard.require_actor()
apply_studio_style()
try:
    product_id = st.query_params.get("id", "")
    if product_id:
        show_product(actor, get_product(actor, product_id))
    else:
        show_new_product(actor)
except ServiceError as error:
    feedback.show_error(error)
    st.page_link(page_table.PRODUCTS.script, label="Go to your products", icon=":material/inventory_2:")
