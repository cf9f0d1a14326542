"""The gallery: every picture of the shop, found by name, kind, operation or date, and what can be done with many."""

from components.gallery.actions import undo_bar
from components.gallery.filters import PAGES, gallery_filters
from components.gallery.view import show_gallery
from components.shell import feedback, guard
from components.shell.theme import apply_studio_style, page_heading
from services.errors import ServiceError
from services.library.assets import list_assets

actor = guard.require_actor()
apply_studio_style()
page_heading("Gallery")
chosen = gallery_filters()
undo_bar(actor)
try:
    page = PAGES.chosen()
    found = list_assets(actor, filters=chosen.filters, sort=chosen.sort, limit=PAGES.size, page=page)
    show_gallery(actor, found, chosen, page)
except ServiceError as error:
    feedback.show_error(error)
