"""Adding pictures to a product: new photos, web addresses, and pictures of the gallery."""

import streamlit as st

from components.create.tray import add_photos
from components.kit.picture_picker import picture_picker
from components.kit.picture_upload import TrayPicture, picture_upload
from components.products.session import product_session
from components.shell import feedback
from services.accounts.actor import Actor
from services.catalog import pictures
from services.catalog.pictures import KINDS
from services.errors import ServiceError
from services.library.gallery import AssetFilters, list_assets

_OFFERED = 60


def add_to_product(actor: Actor, product_id: str) -> None:
    """The drop zone with what could not be added, and the way to the gallery's pictures."""
    tray = product_session(product_id).tray
    intent = picture_upload((), tray.refusals)

    def upload(data: bytes, name: str) -> None:
        pictures.upload_picture(actor, product_id, data, name)

    def fetch(url: str) -> None:
        pictures.import_picture(actor, product_id, url)

    add_photos(tray, intent, upload, fetch)
    if st.button("Add from your gallery", icon=":material/photo_library:", key="product_pick"):
        _pick(actor, product_id)


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
