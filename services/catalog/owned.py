"""Looking up a product by its id, for its owner only."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from db.models import Product, ProductStatus
from services.errors import Conflict, NotFound


class ProductArchived(Conflict):
    message = "This product is archived. Restore it first, then try again."


def owned(session: Session, user_id: str, product_id: str, *, lock: bool = False) -> Product:
    """The row, if it is this person's; `lock` locks it until the transaction ends.

    Raises NotFound, also for another person's.
    """
    wanted = select(Product).where(col(Product.id) == product_id, Product.user_id == user_id)
    product = session.exec(wanted.with_for_update(key_share=True) if lock else wanted).first()
    if product is None:
        raise NotFound("We could not find that product.")
    return product


def open_product(session: Session, user_id: str, product_id: str, *, lock: bool = False) -> Product:
    """The same, if it can be changed. Raises NotFound, ProductArchived."""
    product = owned(session, user_id, product_id, lock=lock)
    if product.status == ProductStatus.ARCHIVED:
        raise ProductArchived
    return product


def open_products(session: Session, user_id: str, product_ids: Collection[str]) -> None:
    """Check that all of these can be changed. Raises as `open_product`."""
    if not product_ids:
        return
    wanted = select(Product.id, Product.status).where(col(Product.id).in_(product_ids), Product.user_id == user_id)
    found = session.exec(wanted).all()
    if len(found) < len(set(product_ids)):
        raise NotFound("We could not find that product.")
    if any(status == ProductStatus.ARCHIVED for _, status in found):
        raise ProductArchived
