"""Create: photos in, a recipe, one button with its price, and the pictures as they come."""

from components.create.draft import current
from components.create.form import show_draft
from components.create.run import show_run
from components.shell import guard, page_table
from components.shell.theme import apply_studio_style, page_heading

actor = guard.require_actor()
apply_studio_style()
draft = current(actor, page_table.GENERATE)
if draft.jobs.jobs:
    page_heading("Your pictures")
    show_run(actor, draft, page_table.GENERATE)
else:
    page_heading("Create", "Drop in product photos, choose where they will be seen, and get pictures that fit.")
    show_draft(actor, draft.id)
