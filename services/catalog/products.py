"""The use cases of products: create, get, change, archive, restore."""

from dataclasses import asdict, replace
from typing import Any, Unpack

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from db.models import Product, ProductStatus, ProductTag
from services.accounts.actor import Actor
from services.catalog.fields import ProductChanges, ProductFields, checked, folded
from services.catalog.owned import ProductArchived, owned
from services.catalog.views import ProductView, view_in
from services.errors import Conflict, FieldError


class SkuTaken(Conflict):
    """Another product of the shop has this SKU, ignoring case."""


def create_product(actor: Actor, fields: ProductFields, *, key: str | None = None) -> ProductView:
    """Create a product. `key` makes a repeated call (a double click, a resent request) return the product of the first.

    Raises Invalid, SkuTaken.
    """
    actor.require_scope("write")
    tidy = checked(fields)
    product = Product(user_id=actor.id, request_key=key, **_columns(tidy))
    try:
        with db.transaction() as session:
            if key is not None and (first := _requested(session, actor, key)):
                return view_in(session, first)
            session.add(product)
            session.flush()
            _set_tags(session, product, tidy.tags)
            session.flush()
            return view_in(session, product)
    except IntegrityError as error:
        with db.snapshot() as session:
            if key is not None and (first := _requested(session, actor, key)):
                return view_in(session, first)
            raise _sku_taken(session, actor, tidy.sku) from error


def get_product(actor: Actor, product_id: str) -> ProductView:
    """One product of this person, also an archived one. Raises NotFound."""
    actor.require_scope("read")
    with db.snapshot() as session:
        return view_in(session, owned(session, actor.id, product_id))


def update_product(actor: Actor, product_id: str, **changes: Unpack[ProductChanges]) -> ProductView:
    """Change the given fields only. An archived product can only be changed by restoring it.

    Raises NotFound, Invalid, SkuTaken, ProductArchived.
    """
    actor.require_scope("write")
    try:
        with db.transaction() as session:
            product = owned(session, actor.id, product_id, lock=True)
            before = _fields(session, product)
            after = checked(replace(before, **changes))
            if after != before:
                if before.status == after.status == ProductStatus.ARCHIVED:
                    raise ProductArchived
                _write(session, product, after)
            return view_in(session, product)
    except IntegrityError as error:
        with db.snapshot() as session:
            raise _sku_taken(session, actor, changes.get("sku", "")) from error


def archive_product(actor: Actor, product_id: str) -> ProductView:
    """Archive a product: it keeps its SKU and its pictures and can be restored. Raises NotFound."""
    return update_product(actor, product_id, status=ProductStatus.ARCHIVED.value)


def restore_product(actor: Actor, product_id: str) -> ProductView:
    """Restore an archived product as a draft; does nothing if it is not archived. Raises NotFound."""
    actor.require_scope("write")
    with db.transaction() as session:
        product = owned(session, actor.id, product_id, lock=True)
        if product.status == ProductStatus.ARCHIVED:
            product.status, product.updated_at = ProductStatus.DRAFT.value, db.now()
            session.add(product)
            session.flush()
        return view_in(session, product)


def _columns(fields: ProductFields) -> dict[str, Any]:
    values = {name: value for name, value in asdict(fields).items() if name != "tags"}
    return {**values, "sku_key": folded(fields.sku), "title_key": folded(fields.title)}


def _fields(session: Session, product: Product) -> ProductFields:
    tags = session.exec(
        select(ProductTag.tag).where(ProductTag.product_id == product.id).order_by(col(ProductTag.tag))
    ).all()
    return ProductFields(
        sku=product.sku,
        title=product.title,
        description=product.description,
        category=product.category,
        tags=tuple(tags),
        price=product.price,
        status=product.status,
    )


def _write(session: Session, product: Product, fields: ProductFields) -> None:
    for name, value in _columns(fields).items():
        setattr(product, name, value)
    product.updated_at = db.now()
    session.add(product)
    session.execute(sa.delete(ProductTag).where(col(ProductTag.product_id) == product.id))
    _set_tags(session, product, fields.tags)
    session.flush()


def _set_tags(session: Session, product: Product, tags: tuple[str, ...]) -> None:
    if tags:
        rows = [{"product_id": product.id, "tag": tag, "user_id": product.user_id} for tag in tags]
        session.execute(sa.insert(ProductTag), rows)


def _requested(session: Session, actor: Actor, key: str) -> Product | None:
    return session.exec(select(Product).where(Product.user_id == actor.id, Product.request_key == key)).first()


def _sku_taken(session: Session, actor: Actor, sku: str) -> SkuTaken:
    other = session.exec(select(Product).where(Product.user_id == actor.id, Product.sku_key == folded(sku))).first()
    whose = "another product" if other is None else f"“{other.title}”"
    archived = other is not None and other.status == ProductStatus.ARCHIVED
    where = ", which is in the archive" if archived else ""
    message = f"The SKU {sku.strip()} is already used by {whose}{where}. Choose another one."
    return SkuTaken(message, errors=(FieldError("sku", message),))
