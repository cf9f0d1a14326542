"""Making marketplace pictures of a product's photos: which marketplace, the price, the jobs as they go."""

from collections.abc import Collection, Mapping, Sequence
from html import escape
from uuid import uuid4

import streamlit as st

from components.create.job_card import cancel_jobs, job_card
from components.create.price_button import price_button
from components.create.run import look_up
from components.create.submitting import submit_for
from components.kit.job_progress import JobCard, job_progress
from components.products.session import product_session
from components.recipes.choices import build_recipe
from components.recipes.options import price_words
from components.shell import feedback, page_table
from db.models.jobs import JobStatus
from services.accounts.actor import Actor
from services.catalog.views import PictureGroup
from services.credits.balances import balance
from services.errors import ServiceError
from services.jobs.charges import price_for
from services.jobs.origins import JobGlance, jobs_for_product
from services.jobs.submission import MAX_PICTURES, retry_job
from services.library.views import AssetView
from services.studio.marketplaces import PRESETS
from services.studio.pricing import quote, todays_prices
from services.studio.recipes import Recipe, parse_recipe


def make_panel(
    actor: Actor, product_id: str, groups: Sequence[PictureGroup], left_out: Collection[str], jobs: Sequence[JobGlance]
) -> None:
    """Choose a marketplace and press the button with the price. What `jobs` are making already is not made again."""
    chosen = [group for group in groups if group.original and group.original.id not in left_out]
    used = chosen[:MAX_PICTURES]
    photo_ids = [group.original.id for group in used if group.original]
    feedback.show_waiting_error()
    preset = st.selectbox(
        "Make pictures for",
        list(PRESETS),
        format_func=lambda id: f"{PRESETS[id].title} · {PRESETS[id].size[0]} × {PRESETS[id].size[1]}",
        key="product_preset",
    )
    if again := sum(any(_preset_of(result) == preset for result in group.results) for group in used):
        of_these = f"{again} of these photos {'has' if again == 1 else 'have'}"
        words = f"{'This photo has' if len(used) == 1 else of_these} such a picture"
        st.caption(f"{words} already. Untick what you do not want again.")
    if len(chosen) > len(used):
        st.caption(f"Up to {MAX_PICTURES} at a time: these are the first ones.")
    recipe = build_recipe(preset, {})
    assert recipe is not None  # a marketplace always has something to do
    wanted = _not_being_made(photo_ids, recipe, jobs)
    credits = quote(recipe, todays_prices(), len(wanted)).credits_total
    price_button(
        len(wanted),
        credits,
        balance(actor).available,
        lacking="These pictures are being made." if photo_ids and not wanted else "",
        on_click=_submit,
        args=(actor, recipe, product_id, wanted, credits, product_session(product_id).key),
    )


def run_of(actor: Actor, product_id: str) -> list[JobGlance]:
    """The jobs on show: those this tab submitted and those that are being made anyway, wherever they were asked for."""
    session = product_session(product_id)
    shown = [job for job in jobs_for_product(actor, product_id) if job.id in session.job_ids or not job.ended]
    session.job_ids = tuple(job.id for job in shown)
    return shown


def show_run(actor: Actor, product_id: str, jobs: Sequence[JobGlance], groups: Sequence[PictureGroup]) -> None:
    """Live progress; what failed says why and can be tried again."""
    session = product_session(product_id)
    own = {picture.id: picture for group in groups for picture in group.pictures}
    pictures = session.known = look_up(actor, jobs, {**session.known, **own})
    cards = [_card(job, pictures) for job in jobs]
    intent = job_progress(cards, f"product={product_id}", picked=None, key="product_run")
    if intent.cancel:
        cancel_jobs(actor, intent.cancel)
        st.rerun()
    if opened := next((id for job in jobs if job.id == intent.pick for id in job.result_asset_ids), None):
        st.switch_page(page_table.PICTURE.script, query_params={"id": opened})
    for job, card in zip(jobs, cards, strict=True):
        if job.can_retry:
            _retry(actor, job, card.name)
    if all(job.ended for job in jobs) and st.button("Done", key="product_run_done", icon=":material/check:"):
        session.job_ids = ()
        st.rerun()


def _submit(actor: Actor, recipe: Recipe, product_id: str, photo_ids: Sequence[str], price: int, key: str) -> None:
    """Make what is not being made by now. `key` was drawn with the button, so that both clicks of a double click have
    the same one; `price` is what it said."""
    session = product_session(product_id)
    if session.key != key:
        return
    wanted = _not_being_made(photo_ids, recipe, jobs_for_product(actor, product_id))
    if not wanted:
        feedback.toast_after_rerun("These pictures are being made already. Nothing is charged a second time.")
    elif jobs := submit_for(actor, product_id, recipe, wanted, price=price, key=key, product_id=product_id):
        session.job_ids = (*session.job_ids, *jobs)
        session.key = uuid4().hex


def _not_being_made(photo_ids: Sequence[str], recipe: Recipe, jobs: Sequence[JobGlance]) -> list[str]:
    steps = recipe.canonical()
    being_made = {job.input_asset_id for job in jobs if not job.ended and job.recipe == steps}
    return [id for id in photo_ids if id not in being_made]


def _card(job: JobGlance, pictures: Mapping[str, AssetView | None]) -> JobCard:
    after = pictures.get(job.result_asset_ids[0]) if job.result_asset_ids else None
    return job_card(job, pictures.get(job.input_asset_id), after)


def _preset_of(result: AssetView) -> str | None:
    market = result.details.get("marketplace")
    return market["preset"] if market else None


def _retry(actor: Actor, job: JobGlance, name: str) -> None:
    """A picture that was not made: why, and the way to try it again."""
    reason = job.error.message if job.error else ""
    words = "was cancelled" if job.status == JobStatus.CANCELLED else "was not made"
    st.html(
        f'<div class="vt-notice" role="status"><strong>{escape(name)} {words}</strong>'
        f"<p>{escape(reason)} Nothing was charged.</p></div>"
    )
    if job.error and not job.error.retryable:
        return
    price = price_words(price_for(actor, parse_recipe(job.recipe), job.input_asset_id))
    if st.button(f"Try again · {price}", key=f"product_retry_{job.id}", icon=":material/replay:"):
        try:
            retry_job(actor, job.id)
        except ServiceError as error:
            feedback.show_error(error)
        else:
            st.rerun()
