"""Making marketplace pictures of a product's photos: which marketplace, the price, the jobs as they go."""

from collections.abc import Collection, Sequence
from html import escape
from uuid import uuid4

import streamlit as st

from components.create.job_card import cancel_jobs, job_card
from components.create.price_button import price_button
from components.kit import state
from components.kit.job_progress import JobCard, job_progress
from components.recipes.choices import build_recipe
from components.recipes.options import price_words
from components.shell import feedback, page_table
from db.models.jobs import JobStatus, OriginKind
from services.accounts.actor import Actor
from services.catalog.views import PictureGroup
from services.credits.balances import balance
from services.errors import NotFound, ServiceError
from services.jobs.reading import active_jobs, get_jobs
from services.jobs.submission import MAX_PICTURES, retry_job, submit_many
from services.jobs.views import JobView, Origin
from services.library.assets import get_asset
from services.library.views import AssetView
from services.studio.marketplaces import PRESETS
from services.studio.pricing import quote, todays_prices
from services.studio.recipes import Recipe, parse_recipe


def make_panel(actor: Actor, product_id: str, groups: Sequence[PictureGroup], left_out: Collection[str]) -> None:
    """Choose a marketplace and press the button with the price; a second press gets the same jobs."""
    chosen = [group for group in groups if group.original and group.original.id not in left_out]
    used = chosen[:MAX_PICTURES]
    photo_ids = [group.original.id for group in used if group.original]
    feedback.show_left_error("product.error")
    preset = st.selectbox(
        "Make pictures for",
        list(PRESETS),
        format_func=lambda id: f"{PRESETS[id].title} · {PRESETS[id].size[0]} × {PRESETS[id].size[1]}",
        key="product_preset",
    )
    if again := sum(any(_preset_of(result) == preset for result in group.results) for group in used):
        words = "This photo has such a picture" if len(used) == 1 else f"{again} of these photos have such a picture"
        st.caption(f"{words} already. Untick what you do not want again.")
    if len(chosen) > len(used):
        st.caption(f"Up to {MAX_PICTURES} at a time: these are the first ones.")
    recipe = build_recipe(preset, {})
    credits = quote(recipe, todays_prices(), len(photo_ids)).credits_total if recipe else 0
    price_button(
        len(photo_ids),
        credits,
        balance(actor).available,
        wanted=recipe is not None,
        on_click=_hand_in,
        args=(actor, recipe, product_id, photo_ids, _key(product_id)),
    )


def run_of(actor: Actor, product_id: str) -> list[JobView]:
    """The jobs on show: those this tab started and those that run for the product anyway."""
    started: tuple[str, ...] = state.get(f"product.run.{product_id}", ())
    running = [job.id for job in active_jobs(actor) if job.product_id == product_id]
    ids = tuple(dict.fromkeys((*started, *running)))
    state.put(f"product.run.{product_id}", ids)
    try:
        return get_jobs(actor, ids) if ids else []
    except NotFound:
        state.put(f"product.run.{product_id}", ())
        return []


def show_run(actor: Actor, product_id: str, jobs: Sequence[JobView], groups: Sequence[PictureGroup]) -> None:
    """Live progress; what failed says why and can be tried again."""
    pictures = {picture.id: picture for group in groups for picture in group.pictures}
    cards = [_card(actor, job, pictures) for job in jobs]
    intent = job_progress(cards, picked=None, key="product_run")
    if intent.cancel:
        cancel_jobs(actor, intent.cancel)
        st.rerun()
    if opened := next((id for job in jobs if job.id == intent.pick for id in job.result_asset_ids), None):
        st.switch_page(page_table.PICTURE.script, query_params={"id": opened})
    for job, card in zip(jobs, cards, strict=True):
        if job.can_retry:
            _again(actor, job, card.name)
    if all(job.ended for job in jobs) and st.button("Done", key="product_run_done", icon=":material/check:"):
        state.put(f"product.run.{product_id}", ())
        st.rerun()


def _key(product_id: str) -> str:
    """What makes pressing the button twice one submission: the same until one has gone through."""
    slot = f"product.key.{product_id}"
    found = str(state.get(slot, "") or uuid4().hex)
    state.put(slot, found)
    return found


def _hand_in(actor: Actor, recipe: Recipe, product_id: str, photo_ids: Sequence[str], key: str) -> None:
    """Runs before the page is drawn again."""
    try:
        origin = Origin(OriginKind.SCREEN, product_id)
        jobs = submit_many(actor, recipe, photo_ids, origin=origin, product_id=product_id, key=key)
    except ServiceError as error:
        state.put("product.error", error)
    else:
        state.put(f"product.key.{product_id}", "")
        state.put(f"product.run.{product_id}", tuple(job.id for job in jobs))


def _card(actor: Actor, job: JobView, pictures: dict[str, AssetView]) -> JobCard:
    before = _picture(actor, job.input_asset_id, pictures)
    after = _picture(actor, job.result_asset_ids[0], pictures) if job.result_asset_ids else None
    return job_card(job, before, after)


def _picture(actor: Actor, asset_id: str, pictures: dict[str, AssetView]) -> AssetView | None:
    """One of the product's pictures, or one that was taken out meanwhile; None for what is gone."""
    if asset_id in pictures:
        return pictures[asset_id]
    try:
        return get_asset(actor, asset_id)
    except NotFound:
        return None


def _preset_of(result: AssetView) -> str | None:
    market = result.details.get("marketplace")
    return market["preset"] if market else None


def _again(actor: Actor, job: JobView, name: str) -> None:
    """A picture that was not made: why, and the way to try it again."""
    reason = job.error.message if job.error else ""
    words = "was cancelled" if job.status == JobStatus.CANCELLED else "was not made"
    st.html(
        f'<div class="vt-notice" role="status"><strong>{escape(name)} {words}</strong>'
        f"<p>{escape(reason)} Nothing was charged.</p></div>"
    )
    if job.error and not job.error.retryable:
        return
    price = price_words(quote(parse_recipe(job.recipe), todays_prices()).credits_each)
    if st.button(f"Try again · {price}", key=f"product_retry_{job.id}", icon=":material/replay:"):
        try:
            retry_job(actor, job.id)
        except ServiceError as error:
            feedback.show_error(error)
        else:
            st.rerun()
