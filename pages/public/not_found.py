"""What an address says that leads nowhere."""

import streamlit as st

from components.kit.empty_state import empty_state
from components.shell import guard, page_table

actor = guard.visitor()
empty_state("This page does not exist", "The address may be mistyped or out of date.", icon="search", main=True)
with st.container(horizontal=True, horizontal_alignment="center"):
    if st.button("Go to the start page", type="primary", key="vt_to_start"):
        st.switch_page(page_table.start_screen(actor).script)
