"""The other half of the Create page: pictures being made, live, and what came of them."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from components.create.draft import Draft, begin, draft_session
from components.create.job_card import cancel_jobs, job_card, photo_name
from components.create.result_panel import ResultIntent, cancelled_panel, failed_panel, result_panel
from components.create.two_shots import begin_two_shots
from components.kit.gallery_grid import ARCHIVE_ADDRESS
from components.kit.job_progress import job_progress
from components.recipes.options import price_words
from components.recipes.variation import fixed
from components.shell import feedback, page_table
from components.shell.page_table import Screen
from db.models.jobs import JobStatus
from services.accounts.actor import Actor
from services.errors import ServiceError
from services.jobs.charges import price_for
from services.jobs.origins import JobGlance
from services.jobs.submission import retry_job
from services.library import assets
from services.library.assets import find_assets
from services.library.views import AssetView
from services.studio.recipes import parse_recipe
from services.studio.touching_up import without_touch_up

Pictures = dict[str, AssetView | None]
Refill = Callable[[dict[str, Any], str], None]
"""(recipe, draft id): sets a form to the recipe for that draft."""
Vary = Callable[[AssetView, dict[str, Any]], None]


def show_run(actor: Actor, draft: Draft, screen: Screen, refill: Refill | None = None) -> None:
    """Progress of the draft's jobs, the picture that is picked, and what to do with all of them. `screen` is the one
    that shows them; `refill` sets its form to a recipe, where it is not the form of Create."""
    session, jobs = draft_session(), draft.jobs.jobs
    pictures = session.known = look_up(actor, jobs, session.known)
    picked = _picked(jobs, session.picked)
    cards = [job_card(job, *_sides(job, pictures)) for job in jobs]
    intent = job_progress(cards, f"origin={draft.id}", picked=picked.id if picked else None, key="run")
    if intent.pick:
        session.picked = intent.pick
    if intent.cancel:
        cancel_jobs(actor, intent.cancel)
    if intent.pick or intent.cancel:
        st.rerun()
    _for_all(jobs, screen)
    if picked:
        _one(actor, picked, pictures, lambda before, recipe: _vary(before, recipe, screen, refill))


def look_up(actor: Actor, jobs: Sequence[JobGlance], known: Pictures) -> Pictures:
    """Inputs and results of the jobs by id, None for what is gone; one query for all that are not `known` yet."""
    wanted = {id for job in jobs for id in (job.input_asset_id, *job.result_asset_ids)}
    found = {id: known[id] for id in wanted if id in known}
    if new := wanted - found.keys():
        fetched = find_assets(actor, new)
        found |= {id: fetched.get(id) for id in new}
    return found


def _sides(job: JobGlance, pictures: Pictures) -> tuple[AssetView | None, AssetView | None]:
    return pictures[job.input_asset_id], pictures[job.result_asset_ids[0]] if job.result_asset_ids else None


def _name(job: JobGlance, pictures: Pictures) -> str:
    return photo_name(pictures[job.input_asset_id])


def _picked(jobs: Sequence[JobGlance], chosen_id: str | None) -> JobGlance | None:
    """The one the person picked, else the first that is ready, else the first that ended."""
    ended = [job for job in jobs if job.ended]
    chosen = [job for job in ended if job.id == chosen_id]
    ready = [job for job in ended if job.status == JobStatus.SUCCEEDED]
    return next(iter([*chosen, *ready, *ended]), None)


def _for_all(jobs: Sequence[JobGlance], screen: Screen) -> None:
    results = [id for job in jobs for id in job.result_asset_ids]
    with st.container(horizontal=True, gap="small", key="vt_run_actions"):
        if st.button("Make more pictures", icon=":material/add_photo_alternate:", key="run_new"):
            begin(screen, draft_session().tray.pictures)
            st.rerun()
        if len(results) > 1:
            href = f"{ARCHIVE_ADDRESS}?ids={','.join(results)}"
            st.html(
                f'<div class="vt-zip"><a href="{href}" download>Download all {len(results)} as ZIP</a></div>',
                width="content",
            )


def _one(actor: Actor, job: JobGlance, pictures: Pictures, vary: Vary) -> None:
    before, after = _sides(job, pictures)
    price = price_words(price_for(actor, parse_recipe(job.recipe), job.input_asset_id))
    if job.status == JobStatus.CANCELLED:
        intent = cancelled_panel(_name(job, pictures), credits=price)
    elif job.status == JobStatus.FAILED:
        reason = job.error.message if job.error else ServiceError.message
        retryable = job.error.retryable if job.error else True
        intent = failed_panel(_name(job, pictures), reason, can_retry=retryable, credits=price)
    elif before and after:
        intent = result_panel(before, after, lambda id, format: assets.content(actor, id, format=format))
    else:
        st.info("This picture has been deleted.")
        return
    _act_on(actor, job, intent, before, after, vary)


def _act_on(
    actor: Actor, job: JobGlance, intent: ResultIntent, before: AssetView | None, after: AssetView | None, vary: Vary
) -> None:
    if intent.retry:
        _retry(actor, job)
    if before and intent.fix_step:
        vary(before, fixed(job.recipe, intent.fix_step))
    if before and intent.vary:
        vary(before, without_touch_up(job.recipe))
    if before and after and intent.two_shots:
        begin_two_shots(before, after.details)
        st.rerun()
    if after and intent.touch_up:
        st.switch_page(page_table.TOUCH_UP.script, query_params={"id": after.id})
    if after and intent.open:
        st.switch_page(page_table.PICTURE.script, query_params={"id": after.id})


def _retry(actor: Actor, job: JobGlance) -> None:
    try:
        retry_job(actor, job.id)
    except ServiceError as error:
        feedback.show_error(error)
    else:
        st.rerun()


def _vary(before: AssetView, recipe: dict[str, Any], screen: Screen, refill: Refill | None) -> None:
    if refill is None:
        begin(screen, [before], recipe)
    else:
        refill(recipe, begin(screen, [before]))
    st.rerun()
