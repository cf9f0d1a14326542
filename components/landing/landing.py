"""The pieces of the landing page."""

import streamlit as st

from components.shell.page_table import SIGN_IN, SIGN_UP

_SIGN_UP = f'<a class="vt-cta" data-go="{SIGN_UP.path}" href="/{SIGN_UP.path}">Start free</a>'


def hero() -> None:
    """One sentence, one button, one picture that moves from before to after."""
    st.html(
        '<section class="vt-hero"><div><h1>Phone photo in.<br>Marketplace-ready picture out.</h1>'
        "<p>Vitrine cuts your product out, sets it on the background each marketplace asks for, and checks every rule "
        "before you upload.</p>"
        f'<p class="vt-actions">{_SIGN_UP}<a class="vt-link" data-go="{SIGN_IN.path}" href="/{SIGN_IN.path}">I have an '
        'account</a></p><p class="vt-muted vt-small">10 credits to start, 3 more every day. No card.</p></div>'
        '<figure class="vt-reveal"><img src="/assets/before-0.webp" alt="A mug on a grey ground, with its shadow" '
        'width="900" height="900"><img class="vt-after" src="/assets/after-0.webp" '
        'alt="The same mug, cut out on pure white" width="900" height="900">'
        "<figcaption><span>Before</span><span>After</span></figcaption></figure></section>"
    )


def steps() -> None:
    """How it works, in three."""
    items = (
        (
            "Drop in photos",
            "From your phone or computer. HEIC too. They are turned upright and stripped of location data.",
        ),
        (
            "Pick the marketplace",
            "Amazon, eBay, Etsy, Google Merchant, Shopify, Instagram. The price is on the button.",
        ),
        ("Download", "Compare before and after, see each rule pass, take one file or a ZIP."),
    )
    cells = "".join(
        f'<li><span class="vt-number">{number}</span><h3>{title}</h3><p>{text}</p></li>'
        for number, (title, text) in enumerate(items, 1)
    )
    st.html(f'<section class="vt-band"><h2>Three steps, under a minute</h2><ol class="vt-steps">{cells}</ol></section>')


def results() -> None:
    """One studio, three marketplaces: results of our own pipeline on our own sample products."""
    shown = (
        ("after-0.webp", "Amazon", "Pure white, 85% of the frame"),
        ("after-1.webp", "Etsy", "Warm ground, room to breathe"),
        ("after-3.webp", "Instagram", "Square, soft and even"),
    )
    cells = "".join(
        f'<li><span class="vt-thumb"><img src="/assets/{file}" alt="A product picture made for {place}" width="900" '
        f'height="900" loading="lazy"></span><strong>{place}</strong><span class="vt-muted">{text}</span></li>'
        for file, place, text in shown
    )
    st.html(
        '<section class="vt-band"><h2>The right picture for each shop</h2>'
        f'<ul class="vt-results">{cells}</ul></section>'
    )


def price() -> None:
    """What it costs."""
    st.html(
        '<section class="vt-price"><div><h2>Most pictures cost 1 credit</h2>'
        "<p>Cropping, resizing and shadows are free. "
        "A result that fails, or that we are not sure of, is never charged.</p></div>"
        f"{_SIGN_UP}</section>"
    )


def footer() -> None:
    """The end of the page."""
    st.html(
        '<div class="vt-footer"><span>Vitrine</span><span>Your pictures stay yours. They are processed on this '
        "server; only what says so sends a photo to an AI service.</span>"
        '<a class="vt-link" href="/api/v1/openapi.json">API</a></div>'
    )
