"""The pieces of the staff's prompts screen: what is in force, a form for the next version, the versions there were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st

from components.kit.money import clock_time
from components.kit.session import session_of
from components.kit.table import Column, table
from components.shell import feedback
from services.staff.prompts import MAX_MODEL, MAX_NOTE, PromptFields, PromptView
from services.studio.operations.restyle import RestyleParams
from services.studio.prompts import MAX_TEMPLATE
from services.studio.providers import resolver

OPERATION = "restyle"
_STYLES, _SIZES = ("cute", "realistic", "cartoon"), ("small", "medium", "large")


def dollars(micros: int) -> str:
    """`39000` -> "$0.039"."""
    return f"${micros / 1e6:.6f}".rstrip("0").rstrip(".")


@dataclass
class PromptSession:
    """The version that the form was begun from."""

    begun_from: str | None = None


def state_of(current: PromptView, setting: str, configured: bool) -> None:
    """What is sent now, to whom, and whether that is switched on."""
    on = "switched on" if configured else f"off: set {setting} to switch it on"
    st.html(
        f'<section class="vt-card"><p class="vt-label">In force: version {current.version}</p>'
        f"<p><strong>{escape(current.model)}</strong> of {escape(current.provider)}, {dollars(current.price_micros)} a "
        f'picture, {escape(on)}.</p><p class="vt-muted">{escape(current.template)}</p></section>'
    )


def next_version(
    found: Sequence[PromptView], preview: Callable[[str, RestyleParams], str], *, may_change: bool
) -> PromptFields | None:
    """Try words out and, for those who may, put them in force: the fields once the button is pressed.

    The form stays with the version that it was begun from, so that nobody replaces one they have not seen.
    """
    st.html("<h2>Next version</h2>")
    begun = _begun_from(found)
    start = f"{begun.id}.{begun.version}"
    template = st.text_area("Words", begun.template, max_chars=MAX_TEMPLATE, height=190, key=_words_key(begun))
    st.caption("{style}, {size} and {wishes} are filled in from what the shop owner chose.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        style = st.selectbox("Preview for style", _STYLES, key="vt_preview_style")
        size = st.selectbox("and size", _SIZES, key="vt_preview_size")
    can_be_sent = False
    with feedback.errors_shown():
        st.html(f'<blockquote class="vt-card">{escape(preview(template or "", _params(style, size)))}</blockquote>')
        can_be_sent = True
    if not may_change:
        st.caption("A super_admin can put it in force.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        provider = _provider(begun, f"vt_provider_{start}")
        model = _model(begun, provider, f"vt_model_{start}_{provider}")
        price = _price(begun, provider, model, f"vt_price_{start}_{provider}_{model}")
    note = st.text_input("What changes, and why", max_chars=MAX_NOTE, key=f"vt_note_{start}")
    now, before = (template, provider, model, price), (begun.template, begun.provider, begun.model, begun.price_micros)
    if not begun.in_force and st.button(f"Start over from version {found[0].version}", key="vt_prompt_start_over"):
        start_over()
        st.rerun()
    if st.button("Put in force", type="primary", disabled=now == before or not can_be_sent, key="vt_prompt_save"):
        return PromptFields(model, template or "", price, note or "", begun.version, provider)
    return None


def start_over() -> None:
    """The next form begins from the version in force."""
    session_of(PromptSession).begun_from = None


def _begun_from(found: Sequence[PromptView]) -> PromptView:
    """The version that the form on the screen was begun from: the one in force, unless that changed meanwhile."""
    session = session_of(PromptSession)
    for one in found:
        if one.id == session.begun_from and st.session_state.get(_words_key(one)) is not None:
            return one
    session.begun_from = found[0].id
    return found[0]


def _words_key(version: PromptView) -> str:
    return f"vt_words_{version.id}.{version.version}"


def _provider(begun: PromptView, key: str) -> str:
    """Who is asked: one of those who could do it, or whoever was asked before."""
    titles = {
        one.name: one.title if one.is_configured else f"{one.title} (off: set {one.setting})"
        for one in resolver.providers_of(OPERATION)
    }
    names = list(titles) if begun.provider in titles else [*titles, begun.provider]
    return st.selectbox(
        "Provider", names, names.index(begun.provider), format_func=lambda name: titles.get(name, name), key=key
    )


def _model(begun: PromptView, provider: str, key: str) -> str:
    """The model's name: a new field for each provider, filled with a model whose price we know."""
    known = begun.model if provider == begun.provider else next(iter(resolver.published_prices(provider)), "")
    return st.text_input("Model", known, max_chars=MAX_MODEL, key=key).strip()


def _price(begun: PromptView, provider: str, model: str, key: str) -> int | None:
    """What a picture costs, in millionths of a US dollar: a new field for each model, filled with its known price."""
    same = (provider, model) == (begun.provider, begun.model)
    known = begun.price_micros if same else resolver.published_prices(provider).get(model)
    given = st.number_input(
        "US dollars a picture", 0.0, 10.0, None if known is None else known / 1e6, 0.001, "%.4f", key=key
    )
    return None if given is None else round(given * 1e6)


def versions(found: Sequence[PromptView], *, may_change: bool) -> str | None:
    """Every version, the newest first; the id of the one to go back to."""
    st.html("<h2>Versions</h2>")
    columns = (
        Column("Version", numeric=True),
        Column("Provider"),
        Column("Model"),
        Column("When"),
        Column("By"),
        Column("Note"),
        Column("Words"),
    )
    rows = [
        (
            f"{one.version}{' (in force)' if one.in_force else ''}",
            one.provider,
            one.model,
            clock_time(one.created_at) if one.created_at else "shipped",
            one.author or "Vitrine",
            one.note,
            one.template if len(one.template) < 120 else f"{one.template[:118]}…",
        )
        for one in found
    ]
    table("Versions of the prompt", columns, rows)
    earlier = {f"Version {one.version}": one.id for one in found if not one.in_force}
    if not (may_change and earlier):
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.selectbox("Go back to", list(earlier), key="vt_prompt_earlier")
        return earlier[wanted] if st.button("Go back", icon=":material/undo:", key="vt_prompt_back") else None


def _params(style: str | None, size: str | None) -> RestyleParams:
    return RestyleParams.model_validate({"style": style or "cute", "size": size or "medium"})
