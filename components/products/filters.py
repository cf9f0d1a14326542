"""Searching, filtering and sorting products. What is chosen stands in the address, so reload and back keep it."""

from dataclasses import dataclass

import streamlit as st

from components.kit.filter_row import search, segments, select
from components.kit.paging import Pages
from services.catalog.listing import KnownWords, ProductFilters, Sort

PAGES = Pages("at", 48, "product")
_PLACES = {"current": "In the shop", "draft": "Drafts", "active": "Active", "archived": "Archive"}
_SORTS: dict[Sort, str] = {
    "newest": "Newest",
    "oldest": "Oldest",
    "updated": "Changed last",
    "title": "Title",
    "sku": "SKU",
}


@dataclass(frozen=True)
class ProductChoice:
    """What to show and how."""

    filters: ProductFilters
    sort: Sort
    place: str

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter may be hiding products."""
        return bool(self.filters.q or self.filters.category or self.filters.tag)


def product_filters(words: KnownWords) -> ProductChoice:
    """The filter row. Every change goes back to the first page."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="vt_product_top"):
        place = segments("Show", _PLACES, key="status", pages=PAGES)
        found = search("Search by title or SKU", key="find", pages=PAGES)
    with st.container(horizontal=True, gap="small", key="vt_product_filters"):
        category = _any_of("Category", "category", words.categories)
        tag = _any_of("Tag", "tag", words.tags)
        sort = select("Sort", _SORTS, key="order", pages=PAGES)
    statuses = ("draft", "active") if place == "current" else (place,)
    return ProductChoice(ProductFilters(found, category, tag, None, statuses), sort, place)


def clear_filters() -> None:
    """Show everything of this place again."""
    st.session_state.update({"find": "", "category": None, "tag": None})
    PAGES.first()


def show_place(place: str) -> None:
    """Go to another of the places."""
    st.session_state["status"] = place
    PAGES.first()


def _any_of(label: str, key: str, words: tuple[str, ...]) -> str | None:
    chosen = st.selectbox(
        label, words, index=None, placeholder="Any", key=key, bind="query-params", on_change=PAGES.first
    )
    return None if chosen is None else str(chosen)
