"""What can be done to the pictures chosen in the gallery, and undoing it."""

from collections.abc import Sequence

import streamlit as st

from components.create.draft import begin
from components.gallery.session import gallery_session
from components.kit.counts import counted
from components.kit.gallery_grid import Action
from components.products.choice import ask_for_product
from components.shell import feedback, page_table
from services.accounts.actor import Actor
from services.errors import NotFound, ServiceError
from services.library import assets


def apply(actor: Actor, action: Action, ids: Sequence[str]) -> bool:
    """Apply it to every picture; whether the page must be drawn again. A failure is shown and leaves the rest done."""
    if action == "reuse":
        begin(page_table.GENERATE, [assets.get_asset(actor, id) for id in ids])
        st.switch_page(page_table.GENERATE.script)
    if action == "purge":
        _ask_to_purge(actor, ids)
        return False
    if action == "product":
        ask_for_product(actor, ids)
        return False
    try:
        for id in ids:
            _apply_to(actor, action, id)
    except ServiceError as error:
        feedback.show_error(error)
        return False
    if action == "trash":
        gallery_session().trashed = tuple(ids)
    if action == "restore":
        feedback.toast_after_rerun(f"{counted(len(ids), 'picture')} restored.")
    return True


def undo_bar(actor: Actor) -> None:
    """After pictures went to the trash: how many, and a button that brings them back."""
    ids = gallery_session().trashed
    if not ids:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vt_undo"):
        st.html(f'<p role="status">{counted(len(ids), "picture")} moved to the trash.</p>', width="content")
        undo = st.button("Undo", key="gallery_undo", icon=":material/undo:")
        dismiss = st.button("Dismiss", key="gallery_undo_dismiss", type="tertiary")
    if undo or dismiss:
        gallery_session().trashed = ()
        if dismiss or apply(actor, "restore", ids):
            st.rerun()


def _apply_to(actor: Actor, action: Action, asset_id: str) -> None:
    if action in ("favorite", "unfavorite"):
        assets.update_asset(actor, asset_id, is_favorite=action == "favorite")
    elif action == "trash":
        assets.trash_asset(actor, asset_id)
    elif action == "restore":
        assets.restore_asset(actor, asset_id)


@st.dialog("Delete for good?")
def _ask_to_purge(actor: Actor, ids: Sequence[str]) -> None:
    st.write(f"{counted(len(ids), 'picture')} will be deleted for good. This cannot be undone.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep", key="purge_keep"):
            st.rerun()
        if st.button("Delete for good", type="primary", key="purge_yes"):
            for id in ids:
                try:
                    assets.purge(actor, id)
                except NotFound:
                    continue
            feedback.toast_after_rerun(f"{counted(len(ids), 'picture')} deleted.")
            st.rerun()
