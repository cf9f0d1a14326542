"""A page of the gallery with its links, or what to say when it is empty."""

import streamlit as st

from components.gallery.actions import apply
from components.gallery.filters import PAGES, GalleryChoice, clear_filters
from components.gallery.tiles import tile_of
from components.kit.empty_state import empty_state
from components.kit.gallery_grid import gallery_grid, take_intents
from components.shell import page_table
from services.accounts.actor import Actor
from services.library.gallery import AssetPage

_GRID = "gallery"


def show_gallery(actor: Actor, found: AssetPage, choice: GalleryChoice, page: int) -> None:
    """The pictures found, and doing what the person wants with them."""
    intents = take_intents(_GRID)
    redraws = [apply(actor, intent.action, intent.ids) for intent in intents if intent.action]
    if any(redraws):
        st.rerun()
    if opened := [intent.open for intent in intents if intent.open]:
        st.switch_page(page_table.PICTURE.script, query_params={"id": opened[-1]})
    total = found.total or 0
    if not found.items:
        if total:
            PAGES.past_the_last()
        else:
            _empty(choice)
        return
    st.caption(PAGES.words(page, total))
    gallery_grid(
        [tile_of(asset) for asset in found.items],
        view=choice.view,
        trash=choice.filters.trashed,
        picture_path=f"/{page_table.PICTURE.path}",
        key=_GRID,
    )
    PAGES.links(total)


def _empty(choice: GalleryChoice) -> None:
    """Nothing found, no favourites, an empty trash or an empty library: each with what to do next."""
    if choice.narrowed:
        empty_state("Nothing matches", "Try another word, or show everything again.", icon="search")
        _middle("Clear search and filters", "gallery_clear", clear_filters)
    elif choice.place == "trash":
        empty_state("The trash is empty", "Deleted pictures stay here for 30 days and can be restored.", icon="trash")
    elif choice.place == "favorites":
        empty_state("No favourites yet", "Press the star on a picture and it shows up here.", icon="star")
    else:
        empty_state(
            "No pictures yet", "Drop in a phone photo and get your first marketplace-ready picture in under a minute."
        )
        with st.container(horizontal=True, horizontal_alignment="center"):
            if st.button("Make your first picture", type="primary", key="gallery_first"):
                st.switch_page(page_table.GENERATE.script)
    if choice.place != "library" and not choice.narrowed:
        _middle("Show all pictures", "gallery_all", _show_library)


def _middle(label: str, key: str, on_click: object) -> None:
    with st.container(horizontal=True, horizontal_alignment="center"):
        st.button(label, key=key, on_click=on_click)  # type: ignore[arg-type]


def _show_library() -> None:
    st.session_state["place"] = "library"
    PAGES.first()
