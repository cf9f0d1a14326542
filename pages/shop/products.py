"""Products: everything the shop sells, found by title, SKU, category, tag or status."""

import streamlit as st

from components.products.filters import PAGES, product_filters
from components.products.listing import new_product_button, show_products
from components.shell import feedback, guard
from components.shell.theme import apply_studio_style, page_heading
from services.catalog.listing import known_words, list_products
from services.errors import ServiceError

actor = guard.require_actor()
apply_studio_style()
with st.container(horizontal=True, vertical_alignment="center", key="vt_products_head"):
    page_heading("Products")
    new_product_button("products_new")
try:
    chosen = product_filters(known_words(actor))
    page = PAGES.chosen()
    found = list_products(actor, filters=chosen.filters, sort=chosen.sort, limit=PAGES.size, page=page)
    show_products(found, chosen, page)
except ServiceError as error:
    feedback.show_error(error)
