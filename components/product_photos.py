"""Bringing pictures into a product: new photos and addresses, taken in one after the other, and ones of the gallery."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from components import feedback, state
from components.draft import Refusal
from components.picture_picker import picture_picker
from components.picture_upload import UploadIntent, picture_upload
from services.accounts.actor import Actor
from services.catalog import pictures
from services.catalog.pictures import KINDS
from services.errors import ServiceError
from services.library.gallery import AssetFilters, list_assets

Load = tuple[str, Callable[[], object]]
"""The name of a photo, and what takes it into the product."""

_OFFERED = 60
_TOO_LARGE = "This file is too large. Photos may have up to 25 MB: save it smaller, or as JPEG, and try again."


def add_photos(actor: Actor, product_id: str) -> None:
    """The drop zone with what it refused, and the way to the gallery's pictures."""
    intent = picture_upload((), _refusals())
    _obey(actor, product_id, intent)
    if st.button("Add from your gallery", icon=":material/photo_library:", key="product_pick"):
        _pick(actor, product_id)


def _obey(actor: Actor, product_id: str, intent: UploadIntent) -> None:
    """Photos wait in the tab, so an interrupted intake goes on with the next redraw."""
    refused = [Refusal(name, _TOO_LARGE) for name in intent.too_large]
    if intent.dismiss or refused:
        state.put("product.refusals", () if intent.dismiss else (*_refusals(), *refused))
        state.put("generate.upload_turn", int(state.get("generate.upload_turn", 0)) + 1)
    loads: list[Load] = [(name, partial(_upload, actor, product_id, name, data)) for name, data in intent.files]
    if intent.url:
        loads.append((intent.url, partial(pictures.import_picture, actor, product_id, intent.url)))
    state.put("product.waiting", [*_waiting(), *loads])
    if _waiting():
        _take_all()
    elif not (intent.dismiss or refused):
        return
    st.rerun()


def _take_all() -> None:
    count = len(_waiting())
    words = "Opening your photo" if count == 1 else f"Opening {count} photos"
    bar = st.progress(0.0, f"{words}…")
    while left := len(_waiting()):
        bar.progress((count - left) / count, f"{words}… {count - left} of {count}")
        name, load = _waiting()[0]
        try:
            load()
        except ServiceError as error:
            state.put("product.refusals", (*_refusals(), Refusal(name, error.message)))
        state.put("product.waiting", _waiting()[1:])


def _upload(actor: Actor, product_id: str, name: str, data: Callable[[], bytes]) -> object:
    return pictures.upload_picture(actor, product_id, data(), name)


def _waiting() -> list[Load]:
    found: list[Load] = state.get("product.waiting", [])
    return found


def _refusals() -> tuple[Refusal, ...]:
    found: tuple[Refusal, ...] = state.get("product.refusals", ())
    return found


@st.dialog("Add from your gallery", width="large")
def _pick(actor: Actor, product_id: str) -> None:
    words = st.text_input(
        "Search by name",
        key="product_pick_words",
        type="search",
        icon=":material/search:",
        placeholder="Search by name",
    )
    found = list_assets(actor, filters=AssetFilters(q=words or "", in_no_product=True), limit=_OFFERED)
    offered = [asset for asset in found.items if asset.kind in KINDS]
    if not offered:
        st.write("No picture of that name is free." if words else "Every picture of yours is in a product already.")
        return
    if found.has_more:
        st.caption(f"The newest {_OFFERED}. Search to find others.")
    chosen = picture_picker(offered, key="product_picker")
    if not chosen:
        return
    try:
        pictures.add_pictures(actor, product_id, chosen)
    except ServiceError as error:
        feedback.show_error(error)
    else:
        st.rerun()
