"""Searching, filtering and sorting the gallery. What is chosen stands in the address, so reload and back keep it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

import streamlit as st

from components.kit.filter_row import search, segments, select
from components.kit.paging import Pages
from db.clock import now
from services.library.gallery import AssetFilters, Sort
from services.studio.operations import registry

PAGES = Pages("page", 60, "picture")
_CHOICES: dict[str, dict[str, str]] = {
    "place": {"library": "Pictures", "favorites": "Favourites", "trash": "Trash"},
    "view": {"grid": "Grid", "list": "List"},
    "kind": {"all": "All", "result": "Made here", "original": "Your photos"},
    "made": {"any": "Anything", **{operation.id: operation.title for operation in registry.operations()}},
    "days": {"any": "Any time", "1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days", "365": "Last year"},
    "sort": {"newest": "Newest", "oldest": "Oldest", "favorites": "Favourites first", "name": "Name"},
}


@dataclass(frozen=True)
class GalleryChoice:
    """What to show and how."""

    filters: AssetFilters
    sort: Sort
    view: Literal["grid", "list"]
    place: str

    @property
    def narrowed(self) -> bool:
        """Whether a search or filter may be hiding pictures."""
        plain = AssetFilters(trashed=self.filters.trashed, favorite=self.filters.favorite)
        return self.filters != plain


def gallery_filters() -> GalleryChoice:
    """The filter row. Every change goes back to the first page."""
    _read_address()
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="vt_gallery_top"):
        place = segments("Show", _CHOICES["place"], key="place", pages=PAGES)
        words = search("Search by name", key="q", pages=PAGES)
        view = segments("View", _CHOICES["view"], key="view", pages=PAGES)
    with st.container(horizontal=True, gap="small", key="vt_gallery_filters"):
        kind = select("Kind", _CHOICES["kind"], key="kind", pages=PAGES)
        operation = select("Made with", _CHOICES["made"], key="made", pages=PAGES)
        days = select("Date", _CHOICES["days"], key="days", pages=PAGES)
        sort = select("Sort", _CHOICES["sort"], key="sort", pages=PAGES)
    filters = AssetFilters(
        q=words,
        kind=None if kind == "all" else kind,
        operation=None if operation == "any" else operation,
        favorite=True if place == "favorites" else None,
        trashed=place == "trash",
        since=None if days == "any" else now() - timedelta(days=int(days)),
    )
    return GalleryChoice(filters, cast(Sort, sort), cast(Literal["grid", "list"], view), place)


def clear_filters() -> None:
    """Show everything again."""
    st.session_state.update({"q": "", "kind": "all", "made": "any", "days": "any"})
    PAGES.first()


def _read_address() -> None:
    """Streamlit binds the words that a choice shows (`?view=List`); take our name for it too (`?view=list`)."""
    asked = {key: st.query_params.get(key, "") for key in _CHOICES if key not in st.session_state}
    if named := {key: _CHOICES[key][value] for key, value in asked.items() if value in _CHOICES[key]}:
        st.query_params.update(named)
        st.rerun()
