"""The home screen's pieces: what there is to spend, what was made lately, where to go next."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from components.kit.money import ago, credits
from components.shell.page_table import BUY, CREDITS, GALLERY, GENERATE, KEYS, PICTURE
from services.credits.balances import Balance
from services.library.views import AssetView


def balance_tile(balance: Balance) -> None:
    """Available credits, today's free ones, and what running jobs have set aside."""
    free = balance.daily_free_remaining
    notes = [f"{free} free today, until midnight UTC" if free else "Today's free credits are spent"]
    if balance.held:
        notes.append(f"{balance.held} set aside for pictures being made")
    st.html(
        f'<section class="vt-card vt-balance" aria-label="Balance"><p class="vt-label">Balance</p>'
        f'<p class="vt-figure">{balance.available:,}</p><p class="vt-muted">{escape(" · ".join(notes))}</p>'
        f'<a class="vt-link" data-go="{CREDITS.path}" href="/{CREDITS.path}">History and details</a></section>'
    )


def start_tile() -> None:
    """The main action."""
    st.html(
        '<section class="vt-card vt-start" aria-label="New picture"><div><h2>Drop in your phone photos</h2>'
        "<p>Pick a marketplace and get pictures that pass its rules. "
        "From 1 credit each; you only pay for what works.</p>"
        f'<a class="vt-cta" data-go="{GENERATE.path}" href="/{GENERATE.path}">Make a picture</a></div>'
        '<div class="vt-pair">'
        '<img src="/assets/before-0.webp" alt="A mug as the phone saw it" width="450" height="450">'
        '<img src="/assets/after-0.webp" alt="The same mug on pure white" width="450" height="450"></div></section>'
    )


def shortcuts() -> None:
    """Two places people look for."""
    items = (
        (GALLERY.path, "Gallery", "Search, compare, download, ZIP"),
        (KEYS.path, "API keys", "The same from your own program"),
    )
    cells = "".join(
        f'<a class="vt-card vt-shortcut" data-go="{path}" href="/{path}">'
        f"<strong>{title}</strong><span>{text}</span></a>"
        for path, title, text in items
    )
    st.html(f'<nav class="vt-shortcuts" aria-label="Shortcuts">{cells}</nav>')


def recent_results(results: Sequence[AssetView]) -> None:
    """The newest results, pictures first; each opens its own screen."""
    cells = "".join(_result(result) for result in results)
    st.html(
        '<div class="vt-row"><h2>Recent results</h2>'
        f'<a class="vt-link" data-go="{GALLERY.path}" href="/{GALLERY.path}">See all</a></div>'
        f'<ul class="vt-grid">{cells}</ul>'
    )


def _result(result: AssetView) -> str:
    address = f"{PICTURE.path}?id={escape(result.id)}"
    name = escape(result.filename)
    clear = " vt-thumb-clear" if result.has_alpha else ""
    return (
        f'<li><a data-go="{address}" href="/{address}"><span class="vt-thumb{clear}">'
        f'<img src="{escape(result.urls.thumb)}" alt="{name}" loading="lazy" width="320" height="320"></span>'
        f'<span class="vt-name">{name}</span>'
        f'<span class="vt-muted">{ago(result.created_at)}</span></a></li>'
    )


def first_result_steps() -> None:
    """What the empty home says: three steps to the first picture."""
    steps = (
        ("Upload", "JPEG, PNG, WebP, HEIC or AVIF, straight from your phone."),
        ("Choose", "Amazon, eBay, Etsy, Google, Shopify or Instagram: we know the rules."),
        ("Download", "Compare before and after, see each rule pass, take the file."),
    )
    cells = "".join(
        f'<li><span class="vt-number">{number}</span><strong>{title}</strong><span class="vt-muted">{text}</span></li>'
        for number, (title, text) in enumerate(steps, 1)
    )
    st.html(f'<h2>Your first picture takes a minute</h2><ol class="vt-steps">{cells}</ol>')


def low_credit_note(balance: Balance) -> None:
    """A warning while there is still time."""
    if balance.available < 3:
        st.html(
            '<div class="vt-notice" role="status"><strong>Running low</strong><p>You have '
            f"{escape(credits(balance.available))} left. 3 free ones arrive every day at midnight UTC. "
            f'<a class="vt-link" data-go="{BUY.path}" href="/{BUY.path}">Buy credits</a></p></div>'
        )
