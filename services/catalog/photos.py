"""The main photo of a product, which a batch of products works on."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from db.models import Asset, AssetKind, Product, ProductPicture
from services.catalog.groups import Placed, grouped
from services.catalog.owned import open_products
from services.errors import FieldError, Invalid


def main_photos(session: Session, user_id: str, product_ids: Sequence[str]) -> dict[str, str]:
    """The main photo of each product, in the order given: the chosen picture or the photo it was made from, else the
    first photo. Raises NotFound, ProductArchived, Invalid for a product without a photo."""
    open_products(session, user_id, product_ids)
    rows = session.exec(
        select(Product, ProductPicture, Asset)
        .join(ProductPicture, col(ProductPicture.product_id) == col(Product.id))
        .join(Asset, col(Asset.id) == col(ProductPicture.asset_id))
        .where(col(Product.id).in_(product_ids))
    ).all()
    products = {product.id: product for product, _, _ in rows}
    pictures: dict[str, list[Placed]] = {}
    for product, place, asset in rows:
        pictures.setdefault(product.id, []).append(Placed(place, asset))
    found = {}
    for product_id in dict.fromkeys(product_ids):
        of_product = sorted(pictures.get(product_id, []), key=lambda one: one.order)
        photo = _photo(of_product, products[product_id].main_asset_id) if of_product else None
        if photo is None:
            sku = f" {products[product_id].sku}" if of_product else ""
            message = f"Product{sku} has no photo to work on."
            raise Invalid(message, errors=(FieldError("product_ids", message),))
        found[product_id] = photo
    return found


def _photo(pictures: list[Placed], chosen: str | None) -> str | None:
    groups = [(photo, [one.asset for one in members]) for photo, members in grouped(pictures)]
    # the group with the chosen picture first; the others keep their order
    groups.sort(key=lambda group: all(asset.id != chosen for asset in group[1]))
    return next((asset.id for photo, members in groups for asset in _originals(photo, members)), None)


def _originals(photo: str, members: Iterable[Asset]) -> list[Asset]:
    return [
        asset
        for asset in members
        if asset.id == photo and asset.kind == AssetKind.ORIGINAL and asset.deleted_at is None
    ]
