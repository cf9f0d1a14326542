"""The pictures of a product: add, order, choose the main one, remove. Jobs add their results."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

import db
from db.models import Asset, AssetKind, Product, ProductPicture
from services.accounts.actor import Actor
from services.catalog.groups import Placed, grouped, groups_of, placed
from services.catalog.owned import open_product, owned
from services.catalog.views import PictureGroup, PictureInProduct, RemovedPictures, view_in
from services.errors import Conflict, FieldError, Invalid, NotFound, ServiceError
from services.library import assets
from services.library.results import owned_assets
from services.library.views import AssetView

MAX_PICTURES = 500
KINDS = (AssetKind.ORIGINAL, AssetKind.RESULT)
_NOT_HERE = "That picture is not one of this product's."


def product_pictures(actor: Actor, product_id: str) -> tuple[PictureGroup, ...]:
    """The pictures of a product in order, each photo with what was made from it. Raises NotFound."""
    actor.require_scope("read")
    with db.snapshot() as session:
        owned(session, actor.id, product_id)
        return groups_of(placed(session, product_id))


def require_open(actor: Actor, product_id: str) -> None:
    """Check that pictures may be added, before they are read. Raises NotFound, ProductArchived."""
    actor.require_scope("write")
    with db.snapshot() as session:
        open_product(session, actor.id, product_id)


def add_pictures(actor: Actor, product_id: str, asset_ids: Sequence[str]) -> tuple[PictureInProduct, ...]:
    """Add pictures of the library to the end of a product, a result beside its photo. One that is already there stays
    where it is. Returns the pictures in their places.

    Raises NotFound, ProductArchived, Conflict for a picture of another product, Invalid for one that shows no product
    or for more than `MAX_PICTURES`.
    """
    wanted = list(dict.fromkeys(asset_ids))
    if not wanted:
        raise Invalid(errors=(FieldError("asset_ids", "Choose at least one picture."),))
    return _add_all(actor, product_id, wanted, {}, None)


def upload_picture(actor: Actor, product_id: str, data: bytes, filename: str) -> PictureInProduct:
    """Upload a photo and add it to the end of a product. Raises as `assets.upload` and `add_pictures` do."""
    return _add_new(actor, product_id, lambda: assets.upload(actor, data, filename))


def import_picture(actor: Actor, product_id: str, url: str) -> PictureInProduct:
    """The same from a public address. Raises as `assets.import_url` and `add_pictures` do."""
    return _add_new(actor, product_id, lambda: assets.import_url(actor, url))


def remove_pictures(actor: Actor, product_id: str, asset_ids: Sequence[str]) -> RemovedPictures:
    """Remove pictures from a product; they stay in the library. `restore_pictures` undoes it, given what is returned.

    Raises NotFound, ProductArchived.
    """
    actor.require_scope("write")
    wanted = set(asset_ids)
    with db.transaction() as session:
        product = open_product(session, actor.id, product_id, lock=True)
        places = {one.asset.id: one.place.position for one in placed(session, product_id)}
        if not wanted <= places.keys():
            raise NotFound(_NOT_HERE)
        main = product.main_asset_id if product.main_asset_id in wanted else None
        if main is not None:
            product.main_asset_id = None
            session.add(product)
        session.execute(
            sa.delete(ProductPicture).where(
                col(ProductPicture.product_id) == product_id, col(ProductPicture.asset_id).in_(wanted)
            )
        )
        _set_product(session, wanted, None)
    return RemovedPictures(tuple(place for place in places.items() if place[0] in wanted), main)


def restore_pictures(actor: Actor, product_id: str, out: RemovedPictures) -> None:
    """Undo `remove_pictures`: the pictures return to their places, and the main picture is the main one again unless
    another has been chosen since. Raises as `add_pictures` does.
    """
    _add_all(actor, product_id, [asset_id for asset_id, _ in out.places], dict(out.places), out.main)


def update_picture(
    actor: Actor, product_id: str, asset_id: str, *, number: int | None = None, is_main: bool = False
) -> PictureInProduct:
    """Move a picture's group to place `number`, counted from 1 (beyond the end is the end), make it the main picture,
    or both. Returns the picture in its place.

    Raises NotFound, ProductArchived.
    """
    actor.require_scope("write")
    with db.transaction() as session:
        product = open_product(session, actor.id, product_id, lock=True)
        here = placed(session, product_id)
        if not any(one.asset.id == asset_id and one.asset.deleted_at is None for one in here):
            raise NotFound(_NOT_HERE)
        if number is not None:
            _move(session, here, asset_id, number)
        if is_main:
            product.main_asset_id = asset_id
            session.add(product)
        return _in_places(session, product, [asset_id])[0]


def place_result(session: Session, product_id: str, asset_id: str, parent_id: str | None) -> None:
    """Add a new result to its product, beside what it was made from. Helper; the job owns the transaction.

    Takes no lock: if the order changes at the same time, the result is still grouped with its photo.
    """
    position = _position(session, product_id, parent_id)
    session.add(ProductPicture(product_id=product_id, asset_id=asset_id, position=position))
    session.flush()


def _add_new(actor: Actor, product_id: str, store: Callable[[], AssetView]) -> PictureInProduct:
    require_open(actor, product_id)
    picture = store()
    try:
        return add_pictures(actor, product_id, [picture.id])[0]
    except ServiceError:  # archived or full by now: delete what was uploaded for this product alone
        with suppress(ServiceError):
            assets.purge(actor, picture.id)
        raise


def _add_all(
    actor: Actor, product_id: str, wanted: Sequence[str], positions: Mapping[str, int], main: str | None
) -> tuple[PictureInProduct, ...]:
    actor.require_scope("write")
    try:
        with db.transaction() as session:
            product = open_product(session, actor.id, product_id, lock=True)
            _add(session, product_id, owned_assets(session, actor.id, wanted), positions)
            if main is not None and product.main_asset_id is None:
                product.main_asset_id = main
                session.add(product)
            return _in_places(session, product, wanted)
    except IntegrityError as error:  # added to another product, or deleted for good, at the same moment
        with db.snapshot() as session:
            owned_assets(session, actor.id, wanted)
        raise _belongs_to("another product") from error


def _add(session: Session, product_id: str, rows: Sequence[Asset], positions: Mapping[str, int]) -> None:
    for asset in rows:
        if asset.kind not in KINDS:
            message = f"“{asset.filename}” is kept as a {asset.kind} picture and cannot show a product."
            raise Invalid(message, errors=(FieldError("asset_ids", message),))
    taken = _products_of(session, rows)
    new = [asset for asset in rows if asset.id not in taken]
    for asset in rows:
        if asset.id in taken and taken[asset.id][0] != product_id:
            raise _belongs_to(f"“{taken[asset.id][1]}”")
    count = session.scalar(sa.select(sa.func.count()).where(col(ProductPicture.product_id) == product_id)) or 0
    if count + len(new) > MAX_PICTURES:
        message = f"A product may have up to {MAX_PICTURES} pictures."
        raise Invalid(message, errors=(FieldError("asset_ids", message),))
    for asset in sorted(new, key=lambda one: one.kind != AssetKind.ORIGINAL):  # photos first: results go beside them
        position = positions.get(asset.id)
        if position is None:
            position = _position(session, product_id, asset.parent_id)
        session.add(ProductPicture(product_id=product_id, asset_id=asset.id, position=position))
        session.flush()
    _set_product(session, {asset.id for asset in new}, product_id)


def _move(session: Session, here: Sequence[Placed], asset_id: str, to: int) -> None:
    groups = [members for _, members in grouped(here)]
    moved = next(group for group in groups if any(one.asset.id == asset_id for one in group))
    groups.remove(moved)
    groups.insert(_place_among(groups, to), moved)
    for position, group in enumerate(groups):
        for one in group:
            one.place.position = position
            session.add(one.place)


def _in_places(session: Session, product: Product, asset_ids: Sequence[str]) -> tuple[PictureInProduct, ...]:
    main = view_in(session, product).main
    found = {
        asset.id: PictureInProduct(group.number, main is not None and asset.id == main.id, asset)
        for group in groups_of(placed(session, product.id))
        for asset in group.pictures
    }
    if not found.keys() >= set(asset_ids):  # deleted for good at this moment
        raise NotFound(_NOT_HERE)
    return tuple(found[asset_id] for asset_id in asset_ids)


def _products_of(session: Session, rows: Sequence[Asset]) -> dict[str, tuple[str, str]]:
    """The product, by id and title, that each of the pictures belongs to."""
    found = session.execute(
        sa.select(col(ProductPicture.asset_id), col(Product.id), col(Product.title))
        .join(Product, col(Product.id) == col(ProductPicture.product_id))
        .where(col(ProductPicture.asset_id).in_([asset.id for asset in rows]))
    ).all()
    return {asset_id: (product_id, title) for asset_id, product_id, title in found}


def _position(session: Session, product_id: str, parent_id: str | None) -> int:
    """The position of a picture made from `parent_id`: that of its parent, else after all others."""
    mine = select(ProductPicture.position).where(ProductPicture.product_id == product_id)
    if parent_id is not None:
        beside = session.exec(mine.where(ProductPicture.asset_id == parent_id)).first()
        if beside is not None:
            return beside
    last = session.scalar(
        sa.select(sa.func.max(col(ProductPicture.position))).where(col(ProductPicture.product_id) == product_id)
    )
    return 0 if last is None else last + 1


def _place_among(groups: Sequence[Sequence[Placed]], to: int) -> int:
    """Where to insert the group that is to be the `to`-th of those shown."""
    shown = [place for place, group in enumerate(groups) if any(one.asset.deleted_at is None for one in group)]
    return shown[max(to, 1) - 1] if to <= len(shown) else len(groups)


def _set_product(session: Session, asset_ids: set[str], product_id: str | None) -> None:
    session.execute(sa.update(Asset).where(col(Asset.id).in_(asset_ids)).values(product_id=product_id))


def _belongs_to(product: str) -> Conflict:
    message = f"A picture already belongs to {product}. Remove it there first, then add it here."
    return Conflict(message, errors=(FieldError("asset_ids", message),))
