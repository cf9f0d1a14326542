"""A page of products with their main pictures, or what to say when there are none."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from components.kit import money
from components.kit.counts import counted
from components.kit.empty_state import empty_state
from components.products.filters import PAGES, ProductChoice, clear_filters, show_place
from components.shell import page_table
from services.catalog.listing import ProductPage
from services.catalog.views import ProductView

STATUS_WORDS = {"draft": "Draft", "active": "Active", "archived": "Archived"}


def show_products(found: ProductPage, choice: ProductChoice, page: int) -> None:
    """The products found, each a link to its own page."""
    total = found.total or 0
    if not total:
        _empty(choice)
    elif not found.items:
        PAGES.past_the_last()
    else:
        st.caption(PAGES.words(page, total))
        st.html(f'<ul class="vt-grid vt-products">{"".join(map(_tile, found.items))}</ul>')
        PAGES.links(total)


def new_product_button(key: str, *, label: str = "New product", main: bool = True) -> None:
    """The way to an empty product."""
    if st.button(label, type="primary" if main else "secondary", icon=":material/add:", key=key):
        st.switch_page(page_table.PRODUCT.script)


def status_pill(status: str) -> str:
    """The status as HTML."""
    return f'<span class="vt-pill vt-status-{escape(status)}">{STATUS_WORDS[status]}</span>'


def _tile(product: ProductView) -> str:
    address = f"{page_table.PRODUCT.path}?id={escape(product.id)}"
    facts = [product.sku, *([] if product.price is None else [money.price(product.price)])]
    return (
        f'<li><a data-go="{address}" href="/{address}">{_thumb(product)}'
        f'<span class="vt-name">{escape(product.title)}</span>'
        f'<span class="vt-muted">{escape(" · ".join(facts))}</span>'
        f'<span class="vt-product-state">{status_pill(product.status)}'
        f'<span class="vt-muted">{_counts(product)}</span></span></a></li>'
    )


def _thumb(product: ProductView) -> str:
    if product.main is None:
        return '<span class="vt-thumb vt-thumb-none"><span class="vt-muted">No pictures</span></span>'
    clear = " vt-thumb-clear" if product.main.has_alpha else ""
    return (
        f'<span class="vt-thumb{clear}"><img src="{escape(product.main.urls.thumb)}" alt="" loading="lazy" '
        'width="320" height="320"></span>'
    )


def _counts(product: ProductView) -> str:
    photos = product.picture_count - product.result_count
    words = [counted(photos, "photo")] if photos else []
    words += [f"{product.result_count} made"] if product.result_count else []
    return ", ".join(words)


def _empty(choice: ProductChoice) -> None:
    """Nothing found, an empty archive or no products yet: each with what to do next."""
    if choice.narrowed:
        empty_state("Nothing matches", "Try another word, or show everything again.", icon="search")
        _middle("Clear search and filters", "products_clear", clear_filters)
    elif choice.place == "current":
        empty_state(
            "No products yet",
            "Keep a product's photos together, make its pictures for every marketplace at once, take them as one ZIP.",
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            new_product_button("products_first", label="Add your first product")
    else:
        words = {"draft": "No drafts", "active": "Nothing is active yet", "archived": "The archive is empty"}
        text = "Archived products rest here and can be restored." if choice.place == "archived" else "Look in the shop."
        empty_state(words[choice.place], text, icon="search")
        _middle("Show what is in the shop", "products_all", show_place, "current")


def _middle(label: str, key: str, on_click: object, *args: Sequence[str] | str) -> None:
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(label, key=key, on_click=on_click, args=args)  # type: ignore[arg-type]
