"""Restyle: photos in, a style and a size, one button with its price, and the product as a plush toy."""

from components.create import draft
from components.create.run import is_restyling, show_run
from components.restyle.choices import fill_form
from components.restyle.form import SCREEN, show_draft, show_unavailable
from components.shell import guard
from components.shell.theme import apply_studio_style, page_heading
from services.jobs.reading import active_jobs
from services.studio import providers
from services.studio.operations import restyle

actor = guard.require_actor()
apply_studio_style()
job_ids = draft.run(lambda: [job.id for job in active_jobs(actor) if is_restyling(job)], SCREEN)
if job_ids:
    page_heading("Your toys")
    show_run(actor, job_ids, SCREEN, fill_form)
else:
    page_heading("Restyle", "Your product as a plush toy: an eye-catcher for a shop window, a post or a card.")
    if providers.can_run(restyle.OPERATION):
        show_draft(actor)
    else:
        show_unavailable(actor, providers.setting_of(restyle.OPERATION) or "")
