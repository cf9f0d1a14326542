"""Bringing pictures into a product: new photos and addresses, taken in one after the other, and ones of the gallery."""

from collections.abc import Callable, Iterable
from functools import partial

import streamlit as st

from components.kit import state
from components.kit.picture_picker import picture_picker
from components.kit.picture_upload import REFUSALS_KEPT, Refusal, TrayPicture, UploadIntent, picture_upload
from components.shell import feedback
from services.accounts.actor import Actor
from services.catalog import pictures
from services.catalog.pictures import KINDS
from services.errors import ServiceError
from services.library.gallery import AssetFilters, list_assets

Load = tuple[str, str, Callable[[], object]]
"""The id of a product, the name of a photo, and what takes the one into the other."""

_OFFERED = 60
_TOO_LARGE = "This file is too large. Photos may have up to 25 MB: save it smaller, or as JPEG, and try again."


def add_photos(actor: Actor, product_id: str) -> None:
    """The drop zone with what it refused, and the way to the gallery's pictures."""
    intent = picture_upload((), _refusals(product_id))
    _obey(actor, product_id, intent)
    if st.button("Add from your gallery", icon=":material/photo_library:", key="product_pick"):
        _pick(actor, product_id)


def _obey(actor: Actor, product_id: str, intent: UploadIntent) -> None:
    """Photos wait in the tab, so an interrupted intake goes on with the next redraw."""
    refused = [Refusal(name, _TOO_LARGE) for name in intent.too_large]
    if intent.dismiss:
        state.put(_refused(product_id), ())
    _refuse(product_id, refused)
    if intent.dismiss or refused:
        state.put("generate.upload_turn", int(state.get("generate.upload_turn", 0)) + 1)
    loads: list[Load] = [
        (product_id, name, partial(_upload, actor, product_id, name, data)) for name, data in intent.files
    ]
    if intent.url:
        loads.append((product_id, intent.url, partial(pictures.import_picture, actor, product_id, intent.url)))
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
        product_id, name, load = _waiting()[0]
        try:
            load()
        except ServiceError as error:
            _refuse(product_id, [Refusal(name, error.message)])
        state.put("product.waiting", _waiting()[1:])


def _upload(actor: Actor, product_id: str, name: str, data: Callable[[], bytes]) -> object:
    return pictures.upload_picture(actor, product_id, data(), name)


def _waiting() -> list[Load]:
    found: list[Load] = state.get("product.waiting", [])
    return found


def _refuse(product_id: str, refused: Iterable[Refusal]) -> None:
    state.put(_refused(product_id), (*_refusals(product_id), *refused)[-REFUSALS_KEPT:])


def _refusals(product_id: str) -> tuple[Refusal, ...]:
    found: tuple[Refusal, ...] = state.get(_refused(product_id), ())
    return found


def _refused(product_id: str) -> str:
    return f"product.refusals.{product_id}"


@st.dialog("Add from your gallery", width="large")
def _pick(actor: Actor, product_id: str) -> None:
    words = st.text_input(
        "Search by name",
        key="product_pick_words",
        type="search",
        icon=":material/search:",
        placeholder="Search by name",
    )
    filters = AssetFilters(q=words or "", kinds=KINDS, in_no_product=True)
    found = list_assets(actor, filters=filters, limit=_OFFERED)
    if not found.items:
        named = " of that name" if words else ""
        st.write(f"Your gallery has no picture{named} that is in no product yet. Close this and drop a new photo in.")
        return
    if found.has_more:
        st.caption(f"The newest {_OFFERED}. Search to find others.")
    chosen = picture_picker(
        [TrayPicture(each.id, each.filename, each.urls.thumb, each.has_alpha) for each in found.items],
        key="product_picker",
    )
    if not chosen:
        return
    try:
        pictures.add_pictures(actor, product_id, chosen)
    except ServiceError as error:
        feedback.show_error(error)
    else:
        st.rerun()
