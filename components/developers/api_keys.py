"""The pieces of the developers' screen: the example call, a form for a new key, the key once, the list of keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Literal

import streamlit as st

from components.kit.empty_state import empty_state
from components.kit.money import ago, day
from db.clock import now
from services.accounts.api_keys import ApiKeyView

_EXPIRIES = {"Never": None, "30 days": 30, "90 days": 90, "1 year": 365}
_SCOPES = {"Make pictures and read": ("read", "write"), "Read only": ("read",)}


@dataclass(frozen=True)
class WantedKey:
    """What the form asks for."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True)
class KeyIntent:
    """What to do with which key."""

    action: Literal["revoke", "regenerate"]
    key_id: str


@dataclass
class KeysSession:
    """Name and secret of the key made a moment ago, until it is dismissed; the secret is stored nowhere else."""

    made: tuple[str, str] | None = None


def example_call(base_url: str) -> None:
    """One curl that turns a photo into an Amazon main image on this very server."""
    st.html("<h2>Your first picture in one call</h2>")
    st.code(
        f"curl -H 'Authorization: Bearer vit_…' \\\n"
        f"  -F file=@mug.jpg -F op=background \\\n"
        f'  -F \'params={{"preset":"amazon_main"}}\' \\\n'
        f"  {base_url}/api/v1/images -o mug-amazon.jpg",
        language=None,  # the colours of the highlighter are too faint to read
        wrap_lines=True,
    )
    st.html(
        '<p class="vt-muted">The answer is the finished picture; <code>X-Credits-Charged</code> says what it cost. '
        '<a href="/api/v1/openapi.json">The whole API as an OpenAPI document</a>.</p>'
    )


def creation_form() -> WantedKey | None:
    """The form for a new key; what it asks for once it is sent."""
    st.html("<h2>API keys</h2>")
    with st.form("vt_new_key", clear_on_submit=True):
        name = st.text_input("Name of the new key", placeholder="Shop import", max_chars=100)
        left, right = st.columns(2)
        scopes = left.selectbox("May", list(_SCOPES))
        expiry = right.selectbox("Ends after", list(_EXPIRIES))
        if not st.form_submit_button("Create key", type="primary"):
            return None
    days = _EXPIRIES[expiry]
    return WantedKey(name, _SCOPES[scopes], now() + timedelta(days=days) if days else None)


def secret_shown_once(name: str, secret: str) -> bool:
    """The new key with a copy button; True once the person says it is kept."""
    with st.container(key="vt-card-secret"):
        st.html(
            f'<div role="status"><strong>Your key “{escape(name)}”</strong>'
            '<p class="vt-muted">Copy it now: it is not shown again. Keep it like a password.</p></div>'
        )
        st.code(secret, language=None, wrap_lines=True)
        return st.button("I have copied it", key="vt_secret_kept")


def key_list(keys: Sequence[ApiKeyView]) -> KeyIntent | None:
    """Every key with what can be done to it; replacing and revoking ask first."""
    if not keys:
        empty_state("No keys yet", "Create one above, then run the example call with it.", icon="key")
        return None
    intent: KeyIntent | None = None
    for key in keys:
        with st.container(key=f"vt-card-{key.id}", horizontal=True, vertical_alignment="center"):
            st.html(_description(key))
            with st.popover("Manage", help=None):
                st.write(f"**{_plain(key.name)}** stops working at once either way.")
                if st.button("Replace with a new key", key=f"vt_regenerate_{key.id}", width="stretch"):
                    intent = KeyIntent("regenerate", key.id)
                if st.button("Revoke for good", key=f"vt_revoke_{key.id}", width="stretch"):
                    intent = KeyIntent("revoke", key.id)
    return intent


def _description(key: ApiKeyView) -> str:
    expired = key.expires_at is not None and key.expires_at <= now()
    ends = "expired" if expired else f"ends {day(key.expires_at)}" if key.expires_at else "never ends"
    facts = f"vit_…{key.hint} · {', '.join(key.scopes)} · used {ago(key.last_used_at)} · {ends}"
    name = escape(key.name)
    return f'<div class="vt-key"><strong>{name}</strong><br><span class="vt-muted">{escape(facts)}</span></div>'


def _plain(text: str) -> str:
    """Markdown's signs made harmless."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()#+-.!$:|<>~" else sign for sign in text)
