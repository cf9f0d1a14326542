"""The touch-up screen: the editor, what saving costs and why, and the way to the picture being made."""

import streamlit as st

from components.recipes.options import price_words
from components.shell import feedback, page_table
from components.touch_up.editor import SaveIntent, touch_up_editor
from db.ids import new_id
from db.models.jobs import OriginKind
from services.accounts.actor import Actor
from services.credits.balances import balance
from services.errors import ServiceError
from services.jobs import touch_up
from services.jobs.touch_up import TouchUp
from services.jobs.views import Origin


def show_editor(actor: Actor, found: TouchUp) -> None:
    """Draw the editor; saving leads to the picture as it is made."""
    available = balance(actor).available
    short = found.credits > available
    intent = touch_up_editor(
        found.asset_id,
        found.filename,
        found.strokes,
        save_label(found.credits),
        found.credits,
        can_save=not short,
        key="touch_up",
    )
    if short:
        st.html(
            '<div class="vt-notice" role="status"><strong>Not enough credits</strong>'
            f"<p>This takes {found.credits}, you have {available}. Your strokes are kept in this browser.</p></div>"
        )
        st.page_link(page_table.BUY.script, label="Buy credits", icon=":material/add_card:")
    st.caption(why(found.credits))
    if intent:
        _save(actor, found, intent)


def save_label(credits: int) -> str:
    """`Save · free`, or `It is good: use 1 credit` where saving is the person's word on a doubtful cut-out."""
    return f"It is good: use {price_words(credits)}" if credits else "Save · free"


def why(credits: int) -> str:
    """Why it costs that."""
    if credits:
        return (
            "We doubted this cut-out, so it was not charged. Once it is good, saving it costs what the picture costs."
        )
    return "You have paid for this picture: touching it up is free, as often as you like."


def _save(actor: Actor, found: TouchUp, intent: SaveIntent) -> None:
    draft_id = new_id("drf")
    try:
        job = touch_up.save(
            actor,
            found.asset_id,
            intent.strokes,
            max_credits=intent.credits,
            key=f"touch-up:{found.asset_id}:{intent.key}",
            origin=Origin(OriginKind.SCREEN, draft_id),
        )
    except ServiceError as error:
        feedback.show_error(error)
        return
    st.switch_page(page_table.GENERATE.script, query_params={"draft": job.origin.id or draft_id})
