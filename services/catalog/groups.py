"""Grouping a product's pictures: each photo with everything made from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from db.models import Asset, AssetKind, ProductPicture
from services.catalog.views import PictureGroup
from services.library.views import view_of


@dataclass(frozen=True)
class Placed:
    """A picture and its place in the product."""

    place: ProductPicture
    asset: Asset

    @property
    def order(self) -> tuple[int, str]:
        """Ids sort by their time of creation, so an original comes before its results."""
        return self.place.position, self.asset.id


def placed(session: Session, product_id: str) -> list[Placed]:
    """Every picture of a product in order, also those in the trash: restored, they return to their places."""
    rows = session.exec(
        select(ProductPicture, Asset)
        .join(Asset, col(Asset.id) == col(ProductPicture.asset_id))
        .where(ProductPicture.product_id == product_id)
    ).all()
    return sorted((Placed(place, asset) for place, asset in rows), key=lambda one: one.order)


def grouped(pictures: Sequence[Placed]) -> list[tuple[str, list[Placed]]]:
    """The groups in order, each under the id of its photo, which need not be among the pictures.

    Grouped by what each was made from, not by position: a result that arrives during a reordering joins its photo.
    """
    known = {one.asset.id: one.asset for one in pictures}
    groups: dict[str, list[Placed]] = {}
    for one in pictures:
        groups.setdefault(_photo_of(one.asset, known), []).append(one)
    return sorted(groups.items(), key=lambda group: min(one.order for one in group[1]))


def groups_of(pictures: Sequence[Placed]) -> tuple[PictureGroup, ...]:
    """The groups as shown: without pictures in the trash."""
    shown = []
    for photo, members in grouped(pictures):
        living = [one.asset for one in members if one.asset.deleted_at is None]
        if living:
            shown.append((photo, living))
    return tuple(
        PictureGroup(
            number=number,
            original=next((view_of(asset) for asset in living if asset.id == photo), None),
            results=tuple(view_of(asset) for asset in living if asset.id != photo),
        )
        for number, (photo, living) in enumerate(shown, 1)
    )


def _photo_of(asset: Asset, known: dict[str, Asset]) -> str:
    """The id of the photo that it was made from, as far back as the product's pictures tell."""
    while asset.parent_id in known:
        asset = known[asset.parent_id]
    return asset.parent_id if asset.kind == AssetKind.RESULT and asset.parent_id else asset.id
