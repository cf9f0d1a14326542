"""One product in full, or the form for a new one."""

import hashlib
from collections.abc import Callable, Sequence
from html import escape
from uuid import uuid4

import streamlit as st

from components.kit import money
from components.kit.counts import counted
from components.kit.facts import facts
from components.products.form import changes, is_drawn, product_form
from components.products.listing import status_pill
from components.products.photos import add_to_product
from components.products.pictures import PicturesIntent, show_pictures, take_pictures_intent
from components.products.run import make_panel, run_of, show_run
from components.products.session import product_session, products_session
from components.shell import feedback, page_table
from components.shell.theme import page_heading
from services.accounts.actor import Actor
from services.catalog import pictures, products
from services.catalog.fields import ProductFields
from services.catalog.listing import known_words
from services.catalog.pictures import product_pictures
from services.catalog.views import PictureGroup, ProductView
from services.errors import NotFound, ServiceError
from services.jobs.origins import JobGlance

_PICTURES = "product_pictures"
ARCHIVE_ADDRESS = "/download/product"


def show_new_product(actor: Actor) -> None:
    """The form; once it is sent, the product's own page."""
    _back()
    page_heading("New product", "Say what it is; its photos come next.")
    if not is_drawn("new"):
        products_session().new = uuid4().hex
    with st.container(key="vt_product_new"):
        fields = product_form(None, known_words(actor), key="new")
    if fields is None:
        return
    try:
        made = products.create_product(actor, fields, key=_same_again(products_session().new, fields))
    except ServiceError as error:
        feedback.show_error(error)
        return
    st.switch_page(page_table.PRODUCT.script, query_params={"id": made.id})


def show_product(actor: Actor, product: ProductView) -> None:
    """Pictures on the left; making more, export and the form on the right."""
    _apply_changes(actor, product)
    groups = product_pictures(actor, product.id)
    jobs = run_of(actor, product.id)
    archived = product.status == "archived"
    _back()
    page_heading(escape(product.title))
    st.html(f'<p class="vt-product-line">{status_pill(product.status)} <span>{escape(product.sku)}</span></p>')
    if archived:
        _in_archive(actor, product)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _pictures_part(actor, product, groups, jobs, archived)
    with right:
        if not archived:
            st.html('<h2 class="vt-part">Make marketplace pictures</h2>')
            make_panel(actor, product.id, groups, _left_out(product), jobs)
        _export(product)
        st.html('<h2 class="vt-part">Details</h2>')
        if archived:
            _known(product)
        else:
            _details(actor, product)


def _pictures_part(
    actor: Actor, product: ProductView, groups: Sequence[PictureGroup], jobs: Sequence[JobGlance], archived: bool
) -> None:
    if jobs:
        show_run(actor, product.id, jobs, groups)
    st.html('<h2 class="vt-part">Pictures</h2>')
    _undo_bar(actor, product)
    if groups:
        main = product.main.id if product.main else None
        show_pictures(groups, main=main, left_out=_left_out(product), editable=not archived, key=_PICTURES)
    elif archived:
        st.caption("This product has no pictures.")
    if not archived:
        add_to_product(actor, product.id)


def _apply_changes(actor: Actor, product: ProductView) -> None:
    """Apply what was asked for since the last run, then draw the page anew."""
    intent = take_pictures_intent(_PICTURES)
    if intent.open:
        st.switch_page(page_table.PICTURE.script, query_params={"id": intent.open})
    if not intent.changes:
        return
    try:
        _apply(actor, product, intent)
    except NotFound:  # pressed twice, or removed elsewhere
        feedback.toast_after_rerun("That picture is no longer here.")
    st.rerun()


def _apply(actor: Actor, product: ProductView, intent: PicturesIntent) -> None:
    left_out = _left_out(product)
    for asset_id, on in intent.uses:
        left_out = left_out - {asset_id} if on else left_out | {asset_id}
    product_session(product.id).left_out = left_out
    for asset_id, by in intent.moves:
        for group in product_pictures(actor, product.id):
            if any(picture.id == asset_id for picture in group.pictures):
                pictures.update_picture(actor, product.id, asset_id, number=group.number + by)
    if intent.main:
        pictures.update_picture(actor, product.id, intent.main, is_main=True)
    for ids in intent.remove:
        product_session(product.id).removed = pictures.remove_pictures(actor, product.id, ids)
        feedback.toast_after_rerun("Removed from the product. It is still in your gallery.")


def _undo_bar(actor: Actor, product: ProductView) -> None:
    """After pictures were removed: how many, and a button that brings them back."""
    session = product_session(product.id)
    removed = session.removed
    if removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vt_undo"):
        st.html(f'<p role="status">{counted(len(removed.places), "picture")} removed.</p>', width="content")
        undo = st.button("Undo", key="product_undo", icon=":material/undo:")
        dismiss = st.button("Dismiss", key="product_undo_dismiss", type="tertiary")
    if dismiss or (undo and _done(lambda: pictures.restore_pictures(actor, product.id, removed))):
        session.removed = None
        st.rerun()


def _left_out(product: ProductView) -> frozenset[str]:
    return product_session(product.id).left_out


def _export(product: ProductView) -> None:
    if not product.result_count:
        return
    st.html(
        f'<h2 class="vt-part">Export</h2><p class="vt-zip"><a href="{ARCHIVE_ADDRESS}/{escape(product.id)}" download>'
        f"Download {counted(product.result_count, 'picture')} as ZIP</a></p>"
        f'<p class="vt-muted vt-small">Named {escape(product.sku)}-1-amazon_main and so on, by photo and preset.</p>'
    )


def _known(product: ProductView) -> None:
    """What is said of an archived product, to be read only."""
    facts(
        [
            ("SKU", product.sku),
            ("Category", product.category),
            ("Tags", ", ".join(product.tags)),
            ("Price", "" if product.price is None else money.price(product.price)),
            ("Description", product.description),
        ]
    )


def _details(actor: Actor, product: ProductView) -> None:
    session = product_session(product.id)
    key = f"{product.id}_{session.filling}"
    if not is_drawn(key):
        session.drawn = product
    drawn = session.drawn or product
    fields = product_form(drawn, known_words(actor), key=key)
    if fields is not None and _done(lambda: products.update_product(actor, product.id, **changes(drawn, fields))):
        session.filling += 1  # filled anew from what was saved
        feedback.toast_after_rerun("Saved.")
        st.rerun()
    if st.button("Archive this product", icon=":material/archive:", key="product_archive", type="tertiary") and _done(
        lambda: products.archive_product(actor, product.id)
    ):
        session.filling += 1
        feedback.toast_after_rerun("Archived. It can be restored at any time.")
        st.rerun()


def _in_archive(actor: Actor, product: ProductView) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="vt_undo_archive"):
        st.html('<p role="status">This product is in the archive and cannot be changed.</p>', width="content")
        if st.button("Restore", icon=":material/undo:", key="product_restore"):
            products.restore_product(actor, product.id)
            feedback.toast_after_rerun("The product is back, as a draft.")
            st.rerun()


def _done(action: Callable[[], object]) -> bool:
    """Whether it worked; if not, why is shown."""
    try:
        action()
    except ServiceError as error:
        feedback.show_error(error)
        return False
    return True


def _back() -> None:
    st.page_link(page_table.PRODUCTS.script, label="Products", icon=":material/arrow_back:")


def _same_again(turn: str, fields: ProductFields) -> str:
    """Names the form as it was sent, so that a double click makes one product, and a changed or a new form another."""
    return f"form:{turn}:{hashlib.sha256(repr(fields).encode(errors='replace')).hexdigest()[:24]}"
