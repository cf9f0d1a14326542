"""Create: photos in, a recipe, one button with its price, and the pictures as they come."""

from components.create import draft
from components.create.form import show_draft
from components.create.run import is_creating, show_run
from components.shell import guard
from components.shell.theme import apply_studio_style, page_heading
from services.jobs.reading import active_jobs

actor = guard.require_actor()
apply_studio_style()
job_ids = draft.run(lambda: [job.id for job in active_jobs(actor) if is_creating(job)])
if job_ids:
    page_heading("Your pictures")
    show_run(actor, job_ids)
else:
    page_heading("Create", "Drop in product photos, choose where they will be seen, and get pictures that fit.")
    show_draft(actor)
