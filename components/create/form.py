"""The draft half of the Create page: photos on the left, what to make and the price on the right."""

from functools import partial

import streamlit as st

from components.create.draft import draft_session
from components.create.price_button import price_button
from components.create.submitting import submit_draft
from components.create.tray import add_photos
from components.kit.params_form import Pictures
from components.kit.picture_upload import TrayPicture, picture_upload
from components.recipes.form import chosen_recipe, recipe_form, what_lacks
from components.shell import feedback, page_table
from services.accounts.actor import Actor
from services.credits.balances import balance
from services.library import assets
from services.library.views import AssetView
from services.studio.pricing import quote, todays_prices
from services.studio.recipes import worked_on


def show_draft(actor: Actor, draft_id: str) -> None:
    """Everything up to the button; pressing it submits the draft."""
    feedback.show_waiting_error()
    photos, making = st.columns([1, 1], gap="large")
    with photos:
        st.html('<h2 class="vt-part">Your photos</h2>')
        chosen = photo_part(actor)
    with making:
        st.html('<h2 class="vt-part">What to make</h2>')
        prices = todays_prices()
        pictures = Pictures(tuple((each.id, each.filename) for each in chosen), draft_id)
        recipe = recipe_form(prices, pictures)
        count = len(worked_on(recipe, pictures.ids)) if recipe else len(chosen)
        credits = quote(recipe, prices, count).credits_total if recipe else 0
        with st.container(key="vt_make_bar"):
            price_button(
                count,
                credits,
                balance(actor).available,
                lacking=what_lacks(recipe, pictures),
                on_click=_submit,
                args=(actor, pictures, credits),
            )


def _submit(actor: Actor, pictures: Pictures, price: int) -> None:
    """Submit what the form is set to now: an option typed just before the click is newer than the button."""
    if recipe := chosen_recipe(pictures):
        asset_ids = worked_on(recipe, pictures.ids)
        submit_draft(actor, page_table.GENERATE, pictures.of, recipe, asset_ids, price)


def photo_part(actor: Actor) -> tuple[AssetView, ...]:
    """The drop zone and the photos of the draft, which the screens that make pictures share."""
    tray = draft_session().tray
    chosen = tray.pictures
    shown = [TrayPicture(each.id, each.filename, each.urls.thumb, each.has_alpha) for each in chosen]
    intent = picture_upload(shown, tray.refusals)
    add_photos(tray, intent, partial(assets.upload, actor), partial(assets.import_url, actor))
    return chosen
