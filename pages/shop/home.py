"""Home: what there is to spend, what was made lately, and the way to the next picture."""

import streamlit as st

from components.home import recent
from components.shell import guard
from components.shell.theme import page_heading
from services.credits.balances import balance
from services.library.gallery import AssetFilters, list_assets

actor = guard.require_actor()
results = list_assets(actor, filters=AssetFilters(kind="result"), limit=8).items
spendable = balance(actor)
page_heading(f"Hello{', ' + actor.name if actor.name else ''}", "Phone photo in, marketplace-ready picture out.")
recent.low_credit_note(spendable)
with st.container(key="vt_home_top"):
    wide, narrow = st.columns([2.4, 1], gap="medium")
with wide:
    recent.start_tile()
with narrow:
    recent.balance_tile(spendable)
    recent.shortcuts()
if results:
    recent.recent_results(results)
else:
    recent.first_result_steps()
