"""One picture: looked at closely, compared, checked, downloaded, used again."""

from html import escape

import streamlit as st

from components.picture.view import show_picture
from components.shell import feedback, guard, page_table
from components.shell.theme import apply_studio_style, page_heading
from services.errors import ServiceError
from services.library.assets import get_asset

actor = guard.require_actor()
apply_studio_style()
try:
    asset = get_asset(actor, st.query_params.get("id", ""))
    st.page_link(page_table.GALLERY.script, label="Gallery", icon=":material/arrow_back:")
    page_heading(escape(asset.filename))
    show_picture(actor, asset)
except ServiceError as error:
    feedback.show_error(error)
    st.page_link(page_table.GALLERY.script, label="Go to your gallery", icon=":material/photo_library:")
