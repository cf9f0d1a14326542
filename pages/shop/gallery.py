"""The gallery: every picture of the shop, found by name, kind, operation or date, and what can be done with many."""

from components import feedback, guard
from components.frontend import apply_studio_style
from components.gallery_deeds import undo_bar
from components.gallery_filters import PAGES, gallery_filters
from components.gallery_view import show_gallery
from components.theme import page_heading
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
