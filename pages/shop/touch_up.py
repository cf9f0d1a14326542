"""Touch-up: a cut-out corrected by hand, with strokes."""

from html import escape

import streamlit as st

from components.shell import feedback, guard, page_table
from components.shell.theme import apply_studio_style, page_heading
from components.touch_up.view import show_editor
from services.errors import ServiceError
from services.jobs.touch_up import open_touch_up

actor = guard.require_actor()
apply_studio_style()
try:
    found = open_touch_up(actor, st.query_params.get("id", ""))
    st.page_link(
        page_table.PICTURE.script, label="Picture", icon=":material/arrow_back:", query_params={"id": found.asset_id}
    )
    page_heading("Touch up", f"{escape(found.filename)}: stroke over what is missing or too much, roughly.")
    show_editor(actor, found)
except ServiceError as error:
    feedback.show_error(error)
    st.page_link(page_table.GALLERY.script, label="Go to your gallery", icon=":material/photo_library:")
