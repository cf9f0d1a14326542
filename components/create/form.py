"""The draft half of the Create page: photos on the left, what to make and the price on the right."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from components.create import draft
from components.create.price_button import price_button
from components.kit import state
from components.kit.picture_upload import Refusal, TrayPicture, UploadIntent, picture_upload
from components.recipes.form import recipe_form
from components.shell import feedback
from services.accounts.actor import Actor
from services.credits.balances import balance
from services.errors import ServiceError
from services.jobs.submission import submit_many
from services.library import assets
from services.library.views import AssetView
from services.studio.pricing import quote, todays_prices
from services.studio.recipes import Recipe

_TOO_LARGE = "This file is too large. Photos may have up to 25 MB: save it smaller, or as JPEG, and try again."


def show_draft(actor: Actor) -> None:
    """Everything up to the button; pressing it hands the draft in."""
    feedback.show_left_error("generate.error")
    photos, making = st.columns([1, 1], gap="large")
    with photos:
        st.html('<h2 class="vt-part">Your photos</h2>')
        chosen = photo_part(actor)
    with making:
        st.html('<h2 class="vt-part">What to make</h2>')
        prices = todays_prices()
        recipe = recipe_form(prices, [(each.id, each.filename) for each in chosen])
        credits = quote(recipe, prices, len(chosen)).credits_total if recipe else 0
        with st.container(key="vt_make_bar"):
            price_button(
                len(chosen),
                credits,
                balance(actor).available,
                wanted=recipe is not None,
                on_click=_hand_in,
                args=(actor, recipe, [each.id for each in chosen], draft.key()),
            )


def photo_part(actor: Actor) -> tuple[AssetView, ...]:
    """The drop zone and the photos of the draft, which the screens that make pictures share."""
    chosen = draft.pictures()
    tray = [TrayPicture(each.id, each.filename, each.urls.thumb, each.has_alpha) for each in chosen]
    _obey(actor, picture_upload(tray, draft.refusals()))
    return chosen


def _obey(actor: Actor, intent: UploadIntent) -> None:
    for asset_id in intent.remove:
        draft.remove(asset_id)
    if intent.too_large:
        draft.refuse(Refusal(name, _TOO_LARGE) for name in intent.too_large)
    if intent.dismiss:
        draft.forget_refusals()
    draft.queue((name, partial(_upload, actor, name, data)) for name, data in intent.files)
    if intent.url:
        draft.queue([(intent.url, partial(assets.import_url, actor, intent.url))])
    if draft.waiting():
        _take_all()
    elif not (intent.remove or intent.too_large or intent.dismiss):
        return
    st.rerun()


def _take_all() -> None:
    count = len(draft.waiting())
    words = "Opening your photo" if count == 1 else f"Opening {count} photos"
    bar = st.progress(0.0, f"{words}…")
    while left := len(draft.waiting()):
        bar.progress((count - left) / count, f"{words}… {count - left} of {count}")
        draft.take_next()


def _upload(actor: Actor, name: str, data: Callable[[], bytes]) -> AssetView:
    return assets.upload(actor, data(), name)


def _hand_in(actor: Actor, recipe: Recipe, asset_ids: Sequence[str], key: str) -> None:
    """Runs before the page is drawn again. A second press carries the same key, so it gets the same jobs."""
    try:
        jobs = submit_many(actor, recipe, asset_ids, key=key)
    except ServiceError as error:
        state.put("generate.error", error)
    else:
        draft.became([job.id for job in jobs])
