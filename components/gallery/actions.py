"""What is done to pictures from the gallery, and how it is undone."""

from collections.abc import Sequence

import streamlit as st

from components.create import draft
from components.kit import state
from components.kit.gallery_grid import Deed
from components.products.choice import ask_for_product
from components.shell import feedback, page_table
from services.accounts.actor import Actor
from services.errors import NotFound, ServiceError
from services.library import assets


def carry_out(actor: Actor, deed: Deed, ids: Sequence[str]) -> bool:
    """Do it to every picture; whether the page must be drawn again. A failure is shown and leaves the rest done."""
    if deed == "reuse":
        draft.begin([assets.get_asset(actor, id) for id in ids])
        st.switch_page(page_table.GENERATE.script)
    if deed == "purge":
        _ask_to_purge(actor, ids)
        return False
    if deed == "product":
        ask_for_product(actor, ids)
        return False
    try:
        for id in ids:
            _do(actor, deed, id)
    except ServiceError as error:
        feedback.show_error(error)
        return False
    if deed == "trash":
        state.put("gallery.undo", tuple(ids))
    if deed == "restore":
        feedback.toast_after_rerun(f"{_count(ids)} restored.")
    return True


def undo_bar(actor: Actor) -> None:
    """After pictures went to the trash: how many, and a button that brings them back."""
    ids: tuple[str, ...] = state.get("gallery.undo", ())
    if not ids:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vt_undo"):
        st.html(f'<p role="status">{_count(ids)} moved to the trash.</p>', width="content")
        undo = st.button("Undo", key="gallery_undo", icon=":material/undo:")
        dismiss = st.button("Dismiss", key="gallery_undo_dismiss", type="tertiary")
    if undo or dismiss:
        state.put("gallery.undo", ())
        if dismiss or carry_out(actor, "restore", ids):
            st.rerun()


def _do(actor: Actor, deed: Deed, asset_id: str) -> None:
    if deed in ("favorite", "unfavorite"):
        assets.update_asset(actor, asset_id, is_favorite=deed == "favorite")
    elif deed == "trash":
        assets.trash_asset(actor, asset_id)
    elif deed == "restore":
        assets.restore_asset(actor, asset_id)


@st.dialog("Delete for good?")
def _ask_to_purge(actor: Actor, ids: Sequence[str]) -> None:
    st.write(f"{_count(ids)} will be deleted for good. This cannot be undone.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep", key="purge_keep"):
            st.rerun()
        if st.button("Delete for good", type="primary", key="purge_yes"):
            for id in ids:
                try:
                    assets.purge(actor, id)
                except NotFound:
                    continue
            feedback.toast_after_rerun(f"{_count(ids)} deleted.")
            st.rerun()


def _count(ids: Sequence[str]) -> str:
    return "1 picture" if len(ids) == 1 else f"{len(ids)} pictures"
