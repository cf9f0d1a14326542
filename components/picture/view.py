"""One picture in full: large, compared, checked, with all that is known of it and all that can be done with it."""

from typing import Literal

import streamlit as st

from components.create.close_look import close_look
from components.create.draft import begin
from components.create.two_shots import begin_two_shots, two_shots_offer
from components.kit.downloads import Download, downloads
from components.kit.facts import day_words, facts, format_words, size_words
from components.marketplaces.check import picture_check
from components.marketplaces.report import certainty, went_uncharged
from components.picture.making import kind_words, stages
from components.recipes.variation import fixed
from components.recipes.words import cut_out_words, made_by, steps
from components.shell import feedback, page_table
from services.accounts.actor import Actor
from services.errors import NotFound
from services.library import assets
from services.library.views import AssetView
from services.studio.touching_up import without_touch_up


def show_picture(actor: Actor, asset: AssetView) -> None:
    """The picture on the left, everything else on the right."""
    before = parent_of(actor, asset)
    with st.container():  # keeps its place when empty, so that nothing below moves and shows twice while redrawn
        if asset.deleted_at:
            _in_trash(actor, asset)
    left, right = st.columns([3, 2], gap="large")
    with left:
        close_look(asset, before, name=asset.filename, key="picture_look")
    with right:
        downloads(
            Download(asset.filename, asset.urls.download, asset.content_type, asset.bytes),
            lambda format: assets.content(actor, asset.id, format=format).data,
            key="picture",
        )
        _actions(actor, asset, before)
        certainty(asset.details)
        if before and two_shots_offer(asset.details, key="picture"):
            begin_two_shots(before, asset.details)
            st.switch_page(page_table.GENERATE.script)
        fix = picture_check(actor, asset)
        if fix and (source := before or asset):
            _create(source, fixed(asset.details.get("recipe", {"steps": []}), fix))
    _known(asset, before)


def parent_of(actor: Actor, asset: AssetView) -> AssetView | None:
    """The photo a result was made from, if it is still there."""
    try:
        return assets.get_asset(actor, asset.parent_id) if asset.parent_id else None
    except NotFound:
        return None


def _actions(actor: Actor, asset: AssetView, before: AssetView | None) -> None:
    with st.container(horizontal=True, gap="small"):
        star = "Remove from favourites" if asset.is_favorite else "Favourite"
        icon = ":material/heart_minus:" if asset.is_favorite else ":material/favorite:"
        if st.button(star, icon=icon, key="picture_favorite"):
            assets.update_asset(actor, asset.id, is_favorite=not asset.is_favorite)
            st.rerun()
        recipe = asset.details.get("recipe")
        if asset.has_matte and before and not before.deleted_at:
            kind: Literal["primary", "secondary"] = "primary" if went_uncharged(asset.details) else "secondary"
            if st.button("Touch up", icon=":material/brush:", key="picture_touch_up", type=kind):
                st.switch_page(page_table.TOUCH_UP.script, query_params={"id": asset.id})
        if before and recipe:
            if st.button("Make a variation", icon=":material/tune:", key="picture_vary"):
                _create(before, without_touch_up(recipe))
            st.download_button(
                "Before and after",
                data=lambda: assets.before_after(actor, asset.id).data,
                file_name=f"{asset.filename.rsplit('.', 1)[0]} before and after.jpg",
                mime="image/jpeg",
                icon=":material/compare:",
                key="picture_before_after",
                on_click="ignore",
            )
        elif st.button("Make something of it", icon=":material/auto_fix_high:", key="picture_use"):
            _create(asset)
        if asset.product_id and st.button("Its product", icon=":material/inventory_2:", key="picture_product"):
            st.switch_page(page_table.PRODUCT.script, query_params={"id": asset.product_id})
        if not asset.deleted_at and st.button("Move to trash", icon=":material/delete:", key="picture_trash"):
            assets.trash_asset(actor, asset.id)
            st.rerun()


def _in_trash(actor: Actor, asset: AssetView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vt_undo"):
        st.html('<p role="status">This picture is in the trash. It is deleted after 30 days.</p>', width="content")
        if st.button("Restore", icon=":material/undo:", key="picture_restore"):
            assets.restore_asset(actor, asset.id)
            feedback.toast_after_rerun("The picture is back.")
            st.rerun()


def _create(source: AssetView, recipe: object | None = None) -> None:
    begin(page_table.GENERATE, [source], recipe)
    st.switch_page(page_table.GENERATE.script)


def _known(asset: AssetView, before: AssetView | None) -> None:
    about, how = st.columns([2, 3], gap="large")
    with about:
        st.html('<h2 class="vt-part">About this picture</h2>')
        facts(
            [
                ("Kind", kind_words(asset.kind)),
                ("Size", f"{asset.width} × {asset.height} pixels"),
                ("File", f"{format_words(asset.content_type)}, {size_words(asset.bytes)}"),
                ("Transparent", "Yes" if asset.has_alpha else ""),
                ("Made for", made_by(asset.operations, asset.details.get("recipe"))),
                ("Cut out by", cut_out_words(asset.details.get("cut_out_by"))),
                ("Made from", before.filename if before else ""),
                ("Added", day_words(asset.created_at)),
                ("Kept until", day_words(asset.expires_at) if asset.expires_at else ""),
                ("Notes", " ".join(asset.details.get("notes", ()))),
            ]
        )
    with how:
        if recipe := asset.details.get("recipe"):
            st.html('<h2 class="vt-part">How it was made</h2>')
            steps(recipe)
        if durations := asset.details.get("stages"):
            stages(durations)
