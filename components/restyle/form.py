"""The draft half of the Restyle page: photos on the left, how the toys shall look and the price on the right."""

from collections.abc import Sequence

import streamlit as st

from components.create.form import photo_part
from components.create.price_button import price_button
from components.create.submitting import submit_draft
from components.kit.empty_state import empty_state
from components.restyle.choices import chosen_recipe, restyle_form
from components.shell import feedback, page_table
from services.accounts.actor import Actor
from services.accounts.permissions import Permission
from services.credits.balances import balance
from services.studio.pricing import quote, todays_prices


def show_draft(actor: Actor, draft_id: str) -> None:
    """Everything up to the button; pressing it submits the draft."""
    feedback.show_waiting_error()
    photos, making = st.columns([1, 1], gap="large")
    with photos:
        st.html('<h2 class="vt-part">Your photos</h2>')
        chosen = photo_part(actor)
    with making:
        st.html('<h2 class="vt-part">What it becomes</h2>')
        restyle_form(draft_id)
        credits = quote(chosen_recipe(draft_id), todays_prices(), len(chosen)).credits_total
        with st.container(key="vt_make_bar"):
            price_button(
                len(chosen),
                credits,
                balance(actor).available,
                on_click=_submit,
                args=(actor, draft_id, [each.id for each in chosen], credits),
            )
        st.caption("Made by an AI service, which gets to see the photo. The files say that AI was used.")


def _submit(actor: Actor, draft_id: str, asset_ids: Sequence[str], price: int) -> None:
    submit_draft(actor, page_table.RESTYLE, draft_id, chosen_recipe(draft_id), asset_ids, price)


def show_unavailable(actor: Actor, setting: str) -> None:
    """Instead of the draft while no provider has a key: which setting it takes, and who can set it."""
    if actor.may(Permission.VIEW_SYSTEM):
        words = f"Restyling is done by a generative provider. Set {setting} and restart to switch it on."
    else:
        words = f"Whoever runs this installation switches restyling on with {setting}. Create works without it."
    empty_state("Not switched on yet", words, icon="brush")
    with st.container(horizontal_alignment="center"):
        st.page_link(page_table.GENERATE.script, label="Go to Create", icon=":material/add_photo_alternate:")
