"""Restyle: photos in, a style and a size, one button with its price, and the product as a plush toy."""

from components.create.draft import current
from components.create.run import show_run
from components.restyle.choices import fill_form
from components.restyle.form import show_draft, show_unavailable
from components.shell import guard, page_table
from components.shell.theme import apply_studio_style, page_heading
from services.studio.operations import restyle
from services.studio.providers import resolver

actor = guard.require_actor()
apply_studio_style()
draft = current(actor, page_table.RESTYLE)
if draft.jobs.jobs:
    page_heading("Your toys")
    show_run(actor, draft, page_table.RESTYLE, fill_form)
else:
    page_heading("Restyle", "Your product as a plush toy: an eye-catcher for a shop window, a post or a card.")
    if resolver.can_run(restyle.OPERATION):
        show_draft(actor, draft.id)
    else:
        show_unavailable(actor, resolver.setting_of(restyle.OPERATION) or "")
