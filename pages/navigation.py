"""The script that st.App runs. It is inside pages/, so Streamlit finds no sibling pages/ folder to expose by URL."""

import streamlit as st

from components.shell import frame, guard, theme
from components.shell.page_table import SCREENS, start_screen

theme.apply()  # first, so that even "the database is not reachable" looks like us
actor = guard.current_actor()
start = start_screen(actor)
pages = {
    st.Page(screen.script, title=screen.title, url_path=screen.path, default=screen is start): screen
    for screen in SCREENS
}
page = st.navigation(list(pages), position="hidden")
screen = pages[page]
frame.begin(screen, actor)
guard.require_open(screen, actor)
page.run()
